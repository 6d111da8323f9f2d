// The world of --sim: its time, the map of its hosts and links, and the tables that say the same.
const WORLD_SOON = 250, WORLD_LATER = 1000; // ms between two questions, if packets flow or not
const LABELLED = 14; // hosts up to which a label stands below its host
const STATE_CLASSES = {running: 'good', crashed: 'bad', failed: 'bad', ended: 'muted'}; // others: warn
const MAP_ROWS = 60; // links that the table lists

let worldHost = '';          // the chosen host, or ''
let isScenario = false;      // there are hosts to choose from
let clockState = '';
const hostRows = new Map();  // by name
const linkRows = new Map();  // by the names of both hosts
const lastPackets = new Map();
let outputText = '';

// --- time ---

function clock(command, value) {
  request('clock', {command, value});
}

function formatTime(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  const text = parts.map((part) => String(part).padStart(2, '0')).join(':');
  const days = Math.floor(whole / 86400);
  return `${days > 0 ? `${days} d ` : ''}${text}.${String(Math.floor(seconds * 1000) % 1000).padStart(3, '0')}`;
}

function showClock(answer) {
  const isRunning = answer.clock === 'running';
  $('clock').hidden = $('world').hidden = $('world-link').hidden = answer.clock === undefined;
  if (answer.clock === undefined) {
    return;
  }
  $('time').textContent = formatTime(answer.time);
  if (answer.clock !== clockState) {
    clockState = answer.clock;
    $('pause').textContent = isRunning ? 'Pause' : 'Run';
    $('clock-state').textContent = isRunning ? '' : 'paused';
  }
  if (document.activeElement !== $('speed')) {
    $('speed').value = answer.speed;
  }
}

$('pause').onclick = () => clock(clockState === 'running' ? 'pause' : 'run');
$('step').onclick = () => clock('event');
$('second').onclick = () => clock('second');
$('speed').onchange = () => clock('speed', Number($('speed').value));

// --- tables ---

function percent(share) {
  return `${Number((100 * share).toPrecision(3))} %`;
}

function describePath(path) {
  return [
    `${path.latency}${path.jitter ? `–${path.latency + path.jitter}` : ''} ms`,
    path.loss && `${percent(path.loss)} lost`,
    path.duplication && `${percent(path.duplication)} doubled`,
    path.reordering && `${percent(path.reordering)} reordered`,
    path.bandwidth && `${formatBytes(path.bandwidth)}/s`,
    path.mtu !== 1500 && `MTU ${path.mtu}`,
  ].filter(Boolean).join(', ');
}

function describeLink(link) {
  const there = describePath(link.there), back = describePath(link.back);
  return there === back ? there : `${there}; back ${back}`;
}

function stateOfLink(link) {
  return link.there.state === 'open' ? link.back.state : link.there.state;
}

// Looks at the loss, because the state of a cut link in a partition is "separated".
function isCut(link) {
  return link.there.loss === 1 || link.back.loss === 1;
}

// Shows one row for each item, in the order of the items.
function showRows(body, rows, items, keyOf, make, fill) {
  const kept = new Set(items.map(keyOf));
  rows.forEach((row, key) => {
    if (!kept.has(key)) {
      row.remove();
      rows.delete(key);
    }
  });
  items.forEach((item, i) => {
    const key = keyOf(item);
    const row = rows.get(key) || make(item);
    rows.set(key, row);
    if (body.children[i] !== row) {
      body.insertBefore(row, body.children[i] || null);
    }
    fill(row, item);
  });
}

function makeHostRow({name, has_device: hasDevice}) {
  const title = element(hasDevice ? 'button' : 'span', {textContent: name});
  if (hasDevice) {
    title.type = 'button';
    title.onclick = () => toggleHost(name);
  }
  return element('tr', {}, element('td', {}, title), element('td'), element('td'), element('td', {className: 'number'}));
}

function fillHostRow(row, host) {
  const [name, address, state, packets] = row.children;
  setText(address, host.ip);
  setText(state, host.state);
  state.className = STATE_CLASSES[host.state] || 'warn';
  setText(packets, String(host.packets));
  row.classList.toggle('selected', host.name === worldHost);
  if (host.has_device) {
    name.firstChild.setAttribute('aria-pressed', host.name === worldHost);
  }
}

const nameOfLink = (link) => `${link.a} – ${link.b}`;

function makeLinkRow(link) {
  const cells = ['', 'settings', '', 'number', 'number', 'number', ''].map((className) => element('td', {className}));
  const button = element('button', {type: 'button'});
  cells[0].textContent = nameOfLink(link);
  button.onclick = () => act('cut', {a: link.a, b: link.b, is_cut: button.textContent === 'Cut'});
  cells[6].append(button);
  return element('tr', {}, ...cells);
}

function fillLinkRow(row, link) {
  const state = stateOfLink(link);
  const texts = [describeLink(link), state, link.packets, formatBytes(link.bytes), link.lost || ''];
  texts.forEach((text, i) => setText(row.children[i + 1], String(text)));
  row.children[2].className = state === 'open' ? 'good' : 'bad';
  setText(row.children[6].firstChild, isCut(link) ? 'Repair' : 'Cut');
  row.children[6].firstChild.setAttribute('aria-label', `${isCut(link) ? 'Repair' : 'Cut'} ${nameOfLink(link)}`);
}

// --- map ---

function svgElement(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

// Returns the host with the most links, and of several the busiest; null if it has one or two.
function findHub(hosts, links) {
  const degrees = new Map(hosts.map((host) => [host.name, 0]));
  links.forEach(({a, b}) => [a, b].forEach((name) => degrees.set(name, degrees.get(name) + 1)));
  const [hub] = [...hosts].sort((a, b) => degrees.get(b.name) - degrees.get(a.name) || b.packets - a.packets);
  return hub && degrees.get(hub.name) > 2 ? hub : null;
}

// The hub is in the middle; the others are on an ellipse around it.
function placeHosts(hosts, links, width, height) {
  const hub = findHub(hosts, links);
  const outer = hosts.filter((host) => host !== hub);
  const margin = hosts.length > LABELLED ? 74 : 40;
  const places = new Map();
  outer.forEach((host, i) => {
    const angle = 2 * Math.PI * i / outer.length - Math.PI / 2 + (outer.length === 2 ? Math.PI / 2 : 0);
    places.set(host.name, {angle, x: width / 2 + (width / 2 - margin) * Math.cos(angle),
      y: height / 2 + (height / 2 - margin) * Math.sin(angle)});
  });
  if (hub) {
    places.set(hub.name, {angle: null, x: width / 2, y: height / 2});
  }
  return places;
}

function drawLink(link, places) {
  const from = places.get(link.a), to = places.get(link.b);
  const flow = link.packets - (lastPackets.get(nameOfLink(link)) ?? link.packets);
  const state = stateOfLink(link);
  const width = 1.2 + Math.min(5, Math.log2(1 + flow));
  const line = svgElement('line', {x1: from.x, y1: from.y, x2: to.x, y2: to.y, 'stroke-width': width,
    class: state === 'open' ? flow > 0 ? 'flowing' : 'idle' : 'cut'});
  line.append(svgElement('title', {}, `${nameOfLink(link)}: ${describeLink(link)}, ${state}, ${link.packets} packets`));
  return line;
}

function drawCount(link, places) {
  const from = places.get(link.a), to = places.get(link.b);
  return svgElement('text', {x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 - 4, class: 'count'},
    `${link.packets}${link.lost ? `, ${link.lost} lost` : ''}`);
}

function drawLabel(host, {angle, x, y}, isCrowded) {
  if (!isCrowded || angle === null) {
    return svgElement('text', {x, y: y + 23, 'text-anchor': 'middle'}, host.name);
  }
  const isLeft = Math.cos(angle) < -0.001;
  const degrees = angle * 180 / Math.PI + (isLeft ? 180 : 0);
  return svgElement('text', {x: isLeft ? -11 : 11, y: 4, 'text-anchor': isLeft ? 'end' : 'start',
    transform: `translate(${x} ${y}) rotate(${degrees})`}, host.name);
}

function drawHost(host, place, isCrowded) {
  const group = svgElement('g', {class: `host ${STATE_CLASSES[host.state] || 'warn'}${host.name === worldHost ? ' chosen' : ''}`});
  group.append(svgElement('circle', {cx: place.x, cy: place.y, r: isCrowded ? 6 : 9}), drawLabel(host, place, isCrowded),
    svgElement('title', {}, `${host.name}, ${host.ip}, ${host.state}`));
  if (host.has_device) {
    group.onclick = () => toggleHost(host.name);
  }
  return group;
}

function drawMap(answer) {
  const {hosts, links} = answer;
  const width = Math.max(280, $('map').clientWidth);
  const height = hosts.length > LABELLED ? Math.min(width, 440) : Math.min(0.62 * width, 320);
  const places = placeHosts(hosts, links, width, height);
  const isCrowded = hosts.length > LABELLED;
  $('map').setAttribute('viewBox', `0 0 ${width} ${height}`);
  $('map').style.height = `${height}px`;
  $('map').setAttribute('aria-label',
    `Map of ${hosts.length} hosts and ${links.length} links; the tables of hosts and links say the same`);
  $('map').replaceChildren(...links.map((link) => drawLink(link, places)),
    ...(links.length <= 12 ? links.filter((link) => link.packets > 0).map((link) => drawCount(link, places)) : []),
    ...hosts.map((host) => drawHost(host, places.get(host.name), isCrowded)));
  links.forEach((link) => lastPackets.set(nameOfLink(link), link.packets));
}

// --- all of it ---

function summarize(answer) {
  const states = Object.entries(answer.states).map(([state, count]) => `${count} ${state}`);
  const shown = answer.hosts.length < answer.matching ?
    `; shown: ${answer.hosts.length} of ${answer.matching}, those in trouble first, then the busiest` : '';
  const links = answer.link_count > MAP_ROWS ? `; the ${MAP_ROWS} busiest of ${answer.link_count} links are listed` : '';
  const hint = isScenario && worldHost === '' ? ' Choose a host to see its device.' : '';
  return `Hosts: ${states.join(', ')}${shown}${links}. Packets: ${answer.packets}, of which ${answer.lost} were lost.${hint}`;
}

function showHostOutput(answer) {
  const host = answer.hosts.find(({name}) => name === worldHost);
  const text = new TextDecoder().decode(answer.bytes);
  const pre = $('host-output');
  $('host').hidden = worldHost === '';
  setText($('host-title'), host ? `${host.name}, ${host.ip}, ${host.state}` : worldHost);
  if (text !== outputText) {
    const isAtEnd = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 4;
    pre.textContent = outputText = text;
    pre.scrollTop = isAtEnd ? pre.scrollHeight : pre.scrollTop;
  }
}

function showWorld(answer) {
  isScenario = isScenario || answer.hosts.some((host) => host.has_device);
  setText($('world-summary'), summarize(answer));
  showRows($('hosts'), hostRows, answer.hosts, (host) => host.name, makeHostRow, fillHostRow);
  showRows($('links'), linkRows, answer.links.slice(0, MAP_ROWS), nameOfLink, makeLinkRow, fillLinkRow);
  $('no-hosts').hidden = answer.hosts.length > 0;
  $('no-links').hidden = answer.links.length > 0;
  drawMap(answer);
  showHostOutput(answer);
}

// The other panels show the device of this host; for '', that of the script.
async function showHost(name) {
  const answer = await request('show', {name});
  if (answer) {
    worldHost = answer.is_host ? name : '';
    outputText = null;
    askWorld();
  }
}

// Changes something in the world, and shows the result at once.
async function act(name, details) {
  if (await request(name, details)) {
    askWorld();
  }
}

function toggleHost(name) {
  showHost(name === worldHost ? '' : name);
}

let packetsBefore = -1;

async function askWorld() {
  const answer = await ask('world', {filter: $('host-filter').value.trim()});
  if (answer.hosts) {
    showWorld(answer);
  }
  const isFlowing = answer.packets !== packetsBefore;
  packetsBefore = answer.packets;
  return isFlowing;
}

// A browser that needs long to draw asks less often.
async function keepWorldUpdated() {
  for (;;) {
    const begun = Date.now();
    let wait = WORLD_LATER;
    if (!$('world').hidden && !document.hidden && socket.readyState === WebSocket.OPEN) {
      wait = await askWorld().catch(() => false) ? WORLD_SOON : WORLD_LATER;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(wait, 5 * (Date.now() - begun))));
  }
}

$('host-filter').oninput = () => askWorld().catch(() => {});
$('repair').onclick = () => act('repair');
$('separate').onclick = () => act('separate', {name: worldHost});
$('close-host').onclick = () => showHost('');
