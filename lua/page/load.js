// The plots, the state of the run, and the updates of all panels.
const SAMPLES = 120; // one in each second
const SOON = 60, LATER = 250; // ms between two updates, if something has changed or not
const SVG = 'http://www.w3.org/2000/svg';

let lastSample = null;
let lastRun = 0;

function makePlot(title, format) {
  const value = element('b');
  const range = element('span');
  const svg = document.createElementNS(SVG, 'svg');
  const area = document.createElementNS(SVG, 'polygon');
  const line = document.createElementNS(SVG, 'polyline');
  svg.setAttribute('viewBox', `0 0 ${SAMPLES - 1} 100`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.append(area, line);
  $('plots').append(element('figure', {}, element('figcaption', {}, `${title} `, value, range), svg));
  return {title, format, value, range, svg, area, line, samples: []};
}

function addSample(plot, sample) {
  plot.samples.push(sample);
  plot.samples.splice(0, plot.samples.length - SAMPLES);
  const top = Math.max(1, ...plot.samples) * 1.1;
  const first = SAMPLES - plot.samples.length;
  const points = plot.samples.map((value, i) => `${first + i},${100 - 100 * value / top}`);
  plot.line.setAttribute('points', points.join(' '));
  plot.area.setAttribute('points', `${first},100 ${points.join(' ')} ${SAMPLES - 1},100`);
  plot.value.textContent = plot.format(sample);
  plot.range.textContent = `up to ${plot.format(Math.max(...plot.samples))}`;
  plot.svg.setAttribute('aria-label',
    `${plot.title} in the last two minutes: now ${plot.value.textContent}, ${plot.range.textContent}`);
}

const memoryPlot = makePlot('Memory', formatBytes);
const eventsPlot = makePlot('Events', (count) => `${Math.round(count)}/s`);
const bytesPlot = makePlot('Network', (count) => `${formatBytes(Math.round(count))}/s`);

function showLoad(answer) {
  if (answer.seconds === undefined) {
    return;
  }
  const now = performance.now() / 1000;
  const sample = {now, run: answer.run, events: answer.events, bytes: answer.received + answer.sent};
  if (lastSample && now - lastSample.now < 1) {
    return;
  }
  if (lastSample && lastSample.run === answer.run) {
    const seconds = now - lastSample.now;
    addSample(eventsPlot, (sample.events - lastSample.events) / seconds);
    addSample(bytesPlot, (sample.bytes - lastSample.bytes) / seconds);
  }
  addSample(memoryPlot, answer.memory + answer.lua_memory);
  lastSample = sample;
}

// A screen reader does not read out the time that is left.
function setState(name, text, left = '') {
  $('state').className = name;
  setText($('state-text'), text);
  setText($('left'), left);
}

// Many scripts are the init.lua of a folder.
function nameOfScript(path) {
  return /[^/]*(\/init\.lua)?$/.exec(path)[0];
}

function showState(answer) {
  const texts = {
    running: 'running',
    failed: 'failed: the console shows why',
    waiting: 'not running',
    ended: 'the script has ended',
  };
  const name = nameOfScript(answer.script);
  $('script').textContent = name + (answer.host ? ` › ${answer.host}` : '');
  $('script').title = answer.script;
  document.title = `${name} – netmcu`;
  setText($('restart'), answer.host ? `Restart ${answer.host}` : 'Restart');
  $('line').placeholder = !answer.device ? 'Not running: press Restart' : answer.host ? `Lua to run on ${answer.host}` : 'Lua to run';
  setState(answer.state, texts[answer.state] || answer.state,
    answer.sleep === undefined ? '' : `for ${formatSeconds(answer.sleep)}`);
  if (answer.run !== lastRun) {
    lastRun = answer.run;
    listFiles();
  }
}

function show(answer) {
  showState(answer);
  showClock(answer);
  worldHost = answer.host;
  $('outside').hidden = $('pins-link').hidden = isScenario && worldHost === '';
  $('adc').disabled = !answer.device;
  if (answer.device) {
    showDevice(answer.device);
  }
  showLoad(answer);
  const isNew = showOutput(answer);
  return showNetwork(answer) || isNew;
}

// One question at a time: a slow browser asks less often.
async function keepUpdated() {
  const mine = socket;
  while (mine === socket && mine.readyState === WebSocket.OPEN) {
    try {
      const answer = await ask('update', {console: outputEnd, network: networkVersion});
      const isBusy = show(answer);
      await new Promise((resolve) => setTimeout(resolve, isBusy ? SOON : LATER));
    } catch (error) {
      if (mine.readyState === WebSocket.OPEN) {
        throw error;
      }
    }
  }
}

$('restart').onclick = () => request('restart');
connect();
keepWorldUpdated();
