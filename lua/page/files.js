// The files of the flash.
let savedText = '';
let openName = ''; // of the file in the editor, as it is in the flash

function noteFile(text) {
  $('file-note').textContent = text;
}

function makeFile({name, size}) {
  const open = element('button', {type: 'button', className: 'name', textContent: name});
  const run = element('button', {type: 'button', textContent: 'Run'});
  run.setAttribute('aria-label', `Run ${name}`);
  open.onclick = () => openFile(name);
  run.onclick = () => runFile(name);
  const isCode = /\.l(ua|c)$/.test(name);
  return element('li', {}, open, element('span', {className: 'muted number', textContent: formatBytes(size)}),
    ...(isCode ? [run] : []));
}

async function listFiles() {
  const answer = await request('files');
  if (answer) {
    $('file-list').replaceChildren(...answer.files.map(makeFile));
    const more = answer.count - answer.files.length;
    const rest = answer.is_cut ? 'More files are not listed.' : more > 0 ? `${more} more files are not listed.` : '';
    noteFile(answer.count === 0 ? 'The flash is empty.' : rest);
  }
}

function mayLeave() {
  return $('editor').hidden || $('text').value === savedText || confirm('Drop the changes to this file?');
}

// Asks before it replaces another file than the one in the editor.
async function writeFile(name, content, mayReplace) {
  const answer = await request('write', {name, keep: !mayReplace}, content);
  return answer && answer.exists ? confirm(`Replace the file ${name}?`) && request('write', {name}, content) : answer;
}

function edit(name, text) {
  openName = name;
  $('file-name').value = name;
  $('text').value = savedText = text;
  $('editor').hidden = false;
}

async function openFile(name) {
  const answer = mayLeave() && await request('read', {name});
  if (!answer) {
    return;
  }
  edit(name, answer.is_text ? new TextDecoder().decode(answer.bytes) : hexOf(answer.bytes));
  $('text').readOnly = $('save').disabled = $('save-restart').disabled = !answer.is_text;
  noteFile(answer.is_text ? '' : `${name} is not text: it is shown in hexadecimal.`);
  $('text').setSelectionRange(0, 0);
  $('text').scrollTop = 0;
  $('text').focus();
}

function newFile() {
  if (mayLeave()) {
    edit('', '');
    $('text').readOnly = $('save').disabled = $('save-restart').disabled = false;
    $('file-name').focus();
  }
}

async function saveFile() {
  const name = $('file-name').value;
  const text = $('text').value;
  if (!$('editor').reportValidity() || !await writeFile(name, text, name === openName)) {
    return false;
  }
  openName = name;
  savedText = text;
  await listFiles();
  noteFile(`${name} is saved.`);
  return true;
}

async function runFile(name) {
  await request('run', {name});
  $('follow').checked = true;
}

async function upload() {
  for (const file of $('upload').files) {
    if (await writeFile(file.name, file, false)) {
      await listFiles();
      noteFile(`${file.name} is uploaded.`);
    }
  }
  $('upload').value = '';
}

$('new-file').onclick = newFile;
$('upload').onchange = upload;
$('editor').onsubmit = (event) => { event.preventDefault(); saveFile(); };
$('save-restart').onclick = async () => { if (await saveFile()) { request('restart'); } };
$('run-file').onclick = async () => {
  if ($('text').readOnly || $('text').value === savedText || await saveFile()) {
    runFile($('file-name').value);
  }
};
$('close-editor').onclick = () => {
  if (mayLeave()) {
    $('editor').hidden = true;
    $('new-file').focus();
  }
};
