// The files of the flash.
let savedText = '';
let openName = ''; // of the file in the editor, as it is in the flash
let listNote = ''; // about the list; shown if there is nothing else to say

function noteFile(text) {
  setText($('file-note'), text || listNote);
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
    listNote = answer.count === 0 ? 'The flash is empty.' : rest;
    noteFile('');
  }
}

function hasChanges() {
  return !$('editor').hidden && $('text').value !== savedText;
}

function mayLeave() {
  return !hasChanges() || confirm('Drop the changes to this file?');
}

// Asks before it replaces another file than the one in the editor.
async function writeFile(name, content, mayReplace) {
  const answer = await request('write', {name, keep: !mayReplace}, content);
  return answer && answer.exists ? confirm(`Replace the file ${name}?`) && request('write', {name}, content) : answer;
}

function edit(name, text) {
  openName = name;
  $('file-name').value = name;
  $('text').value = text;
  savedText = $('text').value; // a text area may change the line endings
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

window.onbeforeunload = (event) => {
  if (hasChanges()) {
    event.preventDefault();
  }
};
$('text').oninput = () => noteFile('');
$('new-file').onclick = newFile;
$('upload').onchange = upload;
$('editor').onsubmit = (event) => { event.preventDefault(); saveFile(); };
$('save-restart').onclick = async () => { if (await saveFile()) { request('restart'); } };
$('run-file').onclick = async () => {
  if ($('text').readOnly || !hasChanges() || await saveFile()) {
    runFile($('file-name').value);
  }
};
$('close-editor').onclick = () => {
  if (mayLeave()) {
    $('editor').hidden = true;
    $('new-file').focus();
  }
};
