// The timeline of the network, and the data of one connection.
const SILENT = 5; // s
const ENDS = {failed: 'bad', lost: 'bad', aborted: 'bad', open: 'good', listening: 'good', warning: 'warn'};

let networkVersion = 0;
const objects = new Map(); // by key
let selected = null;       // the key of the connection whose data is shown
let shownVersion = '';

function nameOf(object) {
  const number = object.key % 0x40000000;
  return object.kind === 'warning' ? object.mark : `${object.name || object.kind} #${number}`;
}

// Until a name is resolved, its IP address is zero.
function addressOf({name, peer}) {
  return name ? peer.replace(/^(0\.0\.0\.0|\[::\]):/, 'port ') : peer;
}

function peerOf(object) {
  return addressOf(object) + (object.detail ? ` (${object.detail})` : '');
}

function makeRow(object) {
  const cells = {};
  for (const name of ['name', 'peer', 'state', 'received', 'sent', 'time', 'bar']) {
    cells[name] = element('td', {className: name});
  }
  for (const name of ['received', 'sent', 'time']) {
    cells[name].className = 'number';
  }
  const button = element('button', {type: 'button'});
  const mark = element('small', {className: 'warn'});
  const bar = element('i');
  button.onclick = () => select(object.key);
  cells.name.append(button, ' ', mark);
  cells.bar.append(element('div', {}, bar));
  cells.bar.setAttribute('aria-hidden', 'true');
  return {row: element('tr', {}, ...Object.values(cells)), cells, button, mark, bar};
}

function stateOf(object, now) {
  const isSilent = object.state === 'open' && now - object.heard > SILENT;
  const text = object.error ? `${object.state}: ${object.error}` : object.state;
  return isSilent ? `${text}, silent for ${formatSeconds(now - object.heard)}` : text;
}

function fillRow(object) {
  const {cells, button, mark, row, bar} = object.view;
  button.textContent = nameOf(object);
  mark.textContent = object.marks > 0 && object.kind !== 'warning' ? `⚠ ${object.marks}` : '';
  mark.title = object.mark;
  cells.peer.replaceChildren(addressOf(object), ' ', element('small', {textContent: object.detail}));
  cells.state.className = ENDS[object.state] || 'muted';
  cells.state.textContent = stateOf(object, 0);
  cells.received.textContent = object.received ? formatBytes(object.received) : '';
  cells.sent.textContent = object.sent ? formatBytes(object.sent) : '';
  bar.className = object.error ? 'failed' : object.marks ? 'warned' : '';
  row.dataset.key = object.key;
}

function isWanted(object) {
  const which = $('which').value;
  const text = `${nameOf(object)} ${object.kind} ${peerOf(object)} ${stateOf(object, 0)}`.toLowerCase();
  return text.includes($('filter').value.toLowerCase()) && (which === 'all' ||
    (which === 'open' ? object.ended === undefined : Boolean(object.error || object.marks)));
}

// What changes with the time alone.
function tick(object, now, run) {
  const {cells, bar, row} = object.view;
  const isCurrent = object.run === run;
  const end = object.ended === undefined ? now : object.ended;
  const width = Math.max(now, 0.001);
  if (isCurrent) {
    cells.state.textContent = stateOf(object, now);
  }
  cells.time.textContent = object.kind === 'warning' ? '' : formatSeconds(Math.max(0, end - object.begun));
  bar.style.left = `min(${100 * object.begun / width}%, 100% - 3px)`;
  bar.style.width = `${100 * (end - object.begun) / width}%`;
  bar.hidden = !isCurrent;
  row.classList.toggle('old', !isCurrent);
}

function dropRows(keys) {
  const kept = new Set(keys);
  for (const [key, object] of objects) {
    if (!kept.has(key)) {
      object.view.row.remove();
      objects.delete(key);
    }
  }
}

function filterRows() {
  let count = 0;
  objects.forEach((object) => {
    object.view.row.hidden = !isWanted(object);
    count += !object.view.row.hidden;
  });
  $('no-objects').hidden = objects.size > 0;
  $('no-match').hidden = count > 0 || objects.size === 0;
}

function showNetwork(answer) {
  const scroll = $('objects-scroll');
  const isAtEnd = scroll.scrollTop + scroll.clientHeight >= scroll.scrollHeight - 4;
  for (const changed of answer.network) {
    const known = objects.get(changed.key);
    const view = known ? known.view : makeRow(changed);
    objects.set(changed.key, Object.assign(changed, {view}));
    fillRow(changed);
    if (!known) {
      $('objects').append(view.row);
    }
  }
  if (answer.network_keys) {
    dropRows(answer.network_keys);
  }
  networkVersion = answer.network_version;
  if (answer.seconds !== undefined) {
    objects.forEach((object) => tick(object, answer.seconds, answer.run));
  }
  filterRows();
  $('dropped').hidden = answer.network_dropped === 0;
  $('dropped').textContent = `${answer.network_dropped} older entries have been dropped.`;
  if (isAtEnd) {
    scroll.scrollTop = scroll.scrollHeight;
  }
  refreshDetail();
  return answer.network.length > 0;
}

// --- the data of one connection ---

function textOf(bytes) {
  return new TextDecoder().decode(bytes).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '\u00b7');
}

function hexOf(bytes) {
  const rows = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = Array.from(bytes.subarray(at, at + 16));
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ').padEnd(47);
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    rows.push(`${at.toString(16).padStart(6, '0')}  ${hex}  ${text}`);
  }
  return rows.join('\n');
}

function makePiece(piece, bytes) {
  const isHex = document.querySelector('[name=view]:checked').value === 'hex';
  if (piece.direction === ' ') {
    return [element('h4', {textContent: `… ${formatBytes(piece.size)} are not kept …`})];
  }
  const isIn = piece.direction === '<';
  const cut = piece.kept < piece.size ? `, of which ${formatBytes(piece.kept)} are kept` : '';
  const title = `${isIn ? '◀ in' : '▶ out'}  ${piece.time.toFixed(3)} s  ${formatBytes(piece.size)}${cut}`;
  return [element('h4', {className: isIn ? 'in' : 'out', textContent: title}),
          element('pre', {className: isHex ? 'hex' : '', textContent: isHex ? hexOf(bytes) : textOf(bytes)})];
}

function showPieces(answer) {
  const made = [];
  let at = 0;
  for (const piece of answer.pieces) {
    made.push(...makePiece(piece, answer.bytes.subarray(at, at + (piece.kept || 0))));
    at += piece.kept || 0;
  }
  if (made.length === 0) {
    made.push(element('span', {className: 'muted', textContent: 'No data.'}));
  }
  $('data').replaceChildren(...made);
  $('marks').replaceChildren(...answer.marks.map(
    (mark) => element('li', {textContent: `⚠ ${mark.time.toFixed(3)} s  ${mark.text}`})));
}

async function refreshDetail() {
  const object = objects.get(selected);
  const version = object ?
    [object.key, object.state, object.heard, object.received, object.sent, object.marks].join(' ') : '';
  if (!object || version === shownVersion) {
    return;
  }
  shownVersion = version;
  $('detail-title').textContent = nameOf(object);
  $('facts').textContent = [object.kind, peerOf(object), stateOf(object, 0), `from ${object.begun.toFixed(3)} s`,
    object.ended === undefined ? '' : `to ${object.ended.toFixed(3)} s`].filter((fact) => fact).join(' · ');
  const answer = await request('pieces', {key: object.key});
  if (answer && selected === object.key) {
    showPieces(answer);
  }
}

function select(key) {
  const before = objects.get(selected);
  if (before) {
    before.view.row.classList.remove('selected');
  }
  selected = key;
  shownVersion = '';
  $('detail').hidden = key === null;
  if (key !== null) {
    objects.get(key).view.row.classList.add('selected');
    refreshDetail().then(() => $('detail-title').focus());
  } else if (before) {
    before.view.button.focus();
  }
}

$('close-detail').onclick = () => select(null);
$('detail').onkeydown = (event) => { if (event.key === 'Escape') { select(null); } };
document.querySelectorAll('[name=view]').forEach((radio) => {
  radio.onchange = () => { shownVersion = ''; refreshDetail(); };
});
$('filter').oninput = $('which').onchange = filterRows;
