// The WebSocket to netmcu: one question, one answer. lua/page/session.lua describes the messages.
'use strict';

const $ = (id) => document.getElementById(id);
const BUSY = 1500; // ms without an answer
const LOST = 'netmcu does not answer. The page looks for it again every second. If it was restarted, open the new address that it prints.';

let socket = null;
let nextId = 0;
const waiting = new Map(); // the questions without an answer, by their id

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// Changes nothing if the text is the same, so that a screen reader does not repeat it.
function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

function showTrouble(text) {
  setText($('trouble'), text);
  $('trouble').hidden = text === '';
}

function connect() {
  socket = new WebSocket(`ws://${location.host}/socket${location.search}`);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => { showTrouble(''); keepUpdated(); listFiles(); };
  socket.onmessage = (message) => takeAnswer(new Uint8Array(message.data));
  socket.onclose = () => {
    showTrouble(LOST);
    setState('lost', 'not connected');
    waiting.forEach((question) => {
      clearTimeout(question.timer);
      question.reject(new Error(LOST));
    });
    waiting.clear();
    setTimeout(connect, 1000);
  };
}

function takeAnswer(bytes) {
  const end = bytes.indexOf(10);
  const head = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  const answer = JSON.parse(head);
  answer.bytes = end < 0 ? new Uint8Array(0) : bytes.subarray(end + 1);
  const question = waiting.get(answer.id);
  waiting.delete(answer.id);
  clearTimeout(question.timer);
  if (answer.error) {
    question.reject(new Error(answer.error));
  } else {
    question.resolve(answer);
  }
}

// Returns a promise of the answer. `bytes` follow the question.
function ask(name, details, bytes) {
  return new Promise((resolve, reject) => {
    if (socket.readyState !== WebSocket.OPEN) {
      reject(new Error(LOST));
      return;
    }
    const id = ++nextId;
    const timer = setTimeout(() => setState('busy', 'busy: the script does not return to the loop'), BUSY);
    waiting.set(id, {resolve, reject, timer});
    const head = JSON.stringify({...details, id, ask: name});
    socket.send(bytes === undefined ? head : new Blob([head, '\n', bytes]));
  });
}

// For the controls: shows why a question has failed.
async function request(name, details, bytes) {
  try {
    const answer = await ask(name, details, bytes);
    showTrouble('');
    return answer;
  } catch (error) {
    showTrouble(error.message);
    return null;
  }
}

function formatBytes(count) {
  if (count < 10000) {
    return `${count} B`;
  }
  return count < 1e7 ? `${Math.round(count / 1000)} kB` : `${(count / 1e6).toFixed(count < 1e8 ? 1 : 0)} MB`;
}

function formatSeconds(seconds) {
  if (seconds < 0.001) {
    return '<1 ms';
  }
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  if (seconds < 120) {
    return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  }
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}
