// The console: the latest lines of the output, and the prompt.
const MOST_LINES = 2000;
const WINDOW = 65536; // bytes that "earlier" fetches
const NOTE = 30;      // the byte in front of a line of standard error
const SPOKEN = 3;     // lines that a screen reader reads out; if there are more, it only says how many
const SPEAK = 1000;   // ms between two announcements

let outputEnd = 0;  // the position behind the output that is shown
let isPartial = false; // the last line has no end yet
let unspoken = [];  // the lines that have come since the last announcement
let speaker = 0;    // the timer of the next announcement
const typed = [];
let typedAt = 0;
let draft = ''; // the line behind the earlier ones

function makeLine(bytes, position) {
  const isNote = bytes[0] === NOTE;
  const line = element('div', {textContent: new TextDecoder().decode(isNote ? bytes.subarray(1) : bytes)});
  line.position = position;
  line.bytes = bytes;
  if (isNote) {
    line.className = 'note';
  }
  return line;
}

// Returns the lines of the bytes, and whether the last one is complete.
function splitLines(bytes, position) {
  const lines = [];
  let from = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
    lines.push(makeLine(bytes.subarray(from, end), position + from));
    from = end + 1;
  }
  const isComplete = from === bytes.length;
  if (!isComplete) {
    lines.push(makeLine(bytes.subarray(from), position + from));
  }
  return {lines, isComplete};
}

function joinBytes(first, second) {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

function showEarlierButton() {
  const first = $('output').firstElementChild;
  const hidden = first ? first.position : outputEnd;
  $('earlier').hidden = hidden === 0;
  $('earlier').textContent = `Show earlier output (${formatBytes(hidden)} not shown)`;
}

function speak() {
  const text = unspoken.length > SPOKEN ? `${unspoken.length} more lines` : unspoken.map((line) => line.textContent).join('\n');
  speaker = unspoken.length > 0 ? setTimeout(speak, SPEAK) : 0;
  unspoken = [];
  $('spoken').replaceChildren(text);
}

function speakSoon(lines) {
  unspoken.push(...lines);
  if (!speaker) {
    speak();
  }
}

function showOutput(answer) {
  const output = $('output');
  let {bytes, console_from: from} = answer;
  const isGap = from !== outputEnd;
  const last = output.lastElementChild;
  outputEnd = answer.console_to;
  if (bytes.length === 0) {
    return false;
  }
  if (isPartial && last && !isGap) {
    bytes = joinBytes(last.bytes, bytes);
    from = last.position;
    last.remove();
    unspoken.pop();
  }
  const {lines, isComplete} = splitLines(bytes, from);
  isPartial = !isComplete;
  if (isGap) {
    output.replaceChildren();
  }
  speakSoon(lines);
  output.append(...lines.slice(-MOST_LINES));
  while ($('follow').checked && output.childElementCount > MOST_LINES) {
    output.firstElementChild.remove();
  }
  if ($('follow').checked) {
    output.scrollTop = output.scrollHeight;
  }
  showEarlierButton();
  return true;
}

async function showEarlier() {
  const first = $('output').firstElementChild;
  const end = first ? first.position : outputEnd;
  const answer = await request('console', {from: Math.max(0, end - WINDOW), to: end});
  if (!answer) {
    return;
  }
  $('follow').checked = false;
  $('output').prepend(...splitLines(answer.bytes, answer.console_from).lines);
  if (answer.bytes.length === 0) {
    $('earlier').textContent = `netmcu no longer keeps the first ${formatBytes(end)}`;
  } else {
    showEarlierButton();
  }
}

function showPrompt(prompt) {
  setText($('prompt-text'), prompt);
}

// A line that could not be run comes back, unless the user has begun the next one.
async function runLine(event) {
  event.preventDefault();
  const line = $('line').value;
  if (typed[typed.length - 1] !== line) {
    typed.push(line);
  }
  typedAt = typed.length;
  $('line').value = '';
  $('follow').checked = true;
  if (!await request('input', {line, prompt: $('prompt-text').textContent})) {
    $('line').value = $('line').value || line;
  }
}

function recallLine(event) {
  const step = {ArrowUp: -1, ArrowDown: 1}[event.key];
  if (step) {
    event.preventDefault();
    draft = typedAt === typed.length ? $('line').value : draft;
    typedAt = Math.max(0, Math.min(typed.length, typedAt + step));
    $('line').value = typedAt === typed.length ? draft : typed[typedAt];
  }
}

function clearOutput() {
  $('output').replaceChildren();
  isPartial = false;
  showEarlierButton();
}

$('prompt').onsubmit = runLine;
$('line').onkeydown = recallLine;
$('clear').onclick = clearOutput;
$('earlier').onclick = showEarlier;
// A line that has come does not move what the user looks at.
$('output').onscroll = () => {
  const {scrollTop, clientHeight, scrollHeight} = $('output');
  $('follow').checked = scrollTop + clientHeight >= scrollHeight - 4;
};
$('follow').onchange = () => { if ($('follow').checked) { $('output').scrollTop = $('output').scrollHeight; } };
