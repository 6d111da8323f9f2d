// The parts: controls for their values, what displays show, and how they fail.
const PICTURE = 200; // ms between two pictures of a display
const REST = 1500;   // ms without a change after which a screen reader reads out what a display shows
const FAILURES = {none: 'works', silent: 'no answer', checksum: 'bad checksum', range: 'out of range'};

let partViews = [];
let partNames = '';

// The steps are a power of ten, so that a slider reaches round values.
function stepOf({least, most}) {
  return Math.min(1, 10 ** Math.floor(Math.log10((most - least) / 1000)));
}

function setValue(index, name, value) {
  return request('part', {index: index + 1, name, value});
}

// The controls of a value. Each shows the value with show(now).
function makeSlider(index, value, id) {
  const input = element('input', {id, type: 'range', min: value.least, max: value.most, step: stepOf(value)});
  const show = (now, text) => {
    input.ariaValueText = text;
    if (document.activeElement !== input || !input.matches(':active')) {
      input.value = now;
    }
  };
  input.oninput = () => setValue(index, value.name, Number(input.value));
  return {inputs: [input], show};
}

function makeSwitch(index, value, id) {
  const input = element('input', {id, type: 'checkbox'});
  input.onchange = () => setValue(index, value.name, Number(input.checked));
  return {inputs: [input], show: (now) => { input.checked = now >= 0.5; }};
}

// Turns may come faster than the answers.
function makeTurns(index, value) {
  let position = 0, open = 0;
  const makeTurn = (textContent, by) => {
    const button = element('button', {type: 'button', textContent});
    button.onclick = async () => {
      position += by;
      open++;
      await setValue(index, value.name, position);
      open--;
    };
    return button;
  };
  const left = makeTurn('Turn left', -value.detent), right = makeTurn('Turn right', value.detent);
  return {inputs: [left, right], show: (now) => { position = open ? position : now; }};
}

function makeValue(index, value, title) {
  const id = `part-${index}-${value.name}`;
  const make = value.detent ? makeTurns : value.least === 0 && value.most === 1 ? makeSwitch : makeSlider;
  const {inputs, show} = make(index, value, id);
  const output = element('output', {ariaLive: 'off'});
  output.setAttribute('for', id);
  inputs.forEach((input) => input.setAttribute('aria-label', `${input.textContent || value.name}, ${title}`));
  const label = element(value.detent ? 'span' : 'label', {htmlFor: id, textContent: value.name, className: 'name'});
  return {row: element('div', {className: 'slider'}, label, ...inputs, output), show, output};
}

function makeFailures(index, part, title) {
  const select = element('select');
  select.setAttribute('aria-label', `How ${title} fails`);
  for (const failure of ['none', ...part.failures.split(' ')]) {
    select.append(element('option', {value: failure, textContent: FAILURES[failure] || failure}));
  }
  select.onchange = () => request('part', {index: index + 1, name: 'failing', value: select.value});
  return select;
}

function makePart(part, index) {
  const title = `${part.kind} ${part.place}`;
  const failures = makeFailures(index, part, title);
  const values = part.values.map((value) => makeValue(index, value, title));
  const canvas = element('canvas', {hidden: true});
  const texts = element('p', {className: 'hidden'});
  canvas.setAttribute('role', 'img');
  texts.setAttribute('aria-live', 'polite');
  $('part-list').append(element('div', {className: 'part'},
    element('div', {className: 'head'}, element('h3', {textContent: title}), failures),
    ...values.map((value) => value.row), canvas, texts));
  return {title, failures, values, canvas, texts};
}

function showValues(view, part) {
  part.values.forEach((value, i) => {
    const {show, output} = view.values[i];
    output.value = value.now === undefined ? '?' : `${Number(value.now.toFixed(1))} ${value.unit || ''}`;
    show(value.now, output.value);
  });
  if (document.activeElement !== view.failures) {
    view.failures.value = part.failing;
  }
}

function showTexts(view, part) {
  const text = part.texts.map((shown) => shown.text).join(' ');
  if (text !== view.text) {
    view.text = text;
    view.canvas.setAttribute('aria-label', `Picture of ${view.title}${text ? `: ${text}` : ''}`);
    clearTimeout(view.rest);
    view.rest = setTimeout(() => setText(view.texts, text), REST);
  }
}

function showParts(parts) {
  const names = JSON.stringify(parts.map((part) => [part.kind, part.place, part.failures, part.values.length]));
  if (names !== partNames) {
    partNames = names;
    $('part-list').replaceChildren();
    partViews = parts.map(makePart);
    $('parts').hidden = $('parts-link').hidden = parts.length === 0;
  }
  parts.forEach((part, i) => {
    partViews[i].hasPicture = part.has_picture;
    showValues(partViews[i], part);
    showTexts(partViews[i], part);
  });
}

// --- pictures ---

function drawDisplay(canvas, width, height, bytes) {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    image.data.set([bytes[from], bytes[from + 1], bytes[from + 2], 255], to);
  }
  canvas.getContext('2d').putImageData(image, 0, 0);
  canvas.style.width = `${width * Math.max(1, Math.floor(384 / width))}px`;
}

// A hundredth of the full level is easy to see on an LED, but black on a screen.
function brighten(level) {
  return Math.round(255 * Math.pow(level / 255, 1 / 3));
}

// The LEDs of a strip are discs, in rows if there are many.
function drawStrip(canvas, count, bytes) {
  const columns = Math.min(count, 30), size = 24;
  canvas.width = columns * size;
  canvas.height = Math.ceil(count / columns) * size;
  const context = canvas.getContext('2d');
  context.fillStyle = '#16181c';
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < count; i++) {
    context.fillStyle = `rgb(${Array.from(bytes.subarray(3 * i, 3 * i + 3), brighten).join(' ')})`;
    context.beginPath();
    context.arc((i % columns + 0.5) * size, (Math.floor(i / columns) + 0.5) * size, 0.38 * size, 0, 2 * Math.PI);
    context.fill();
  }
}

async function showPicture(view, index) {
  const {bytes} = await ask('picture', {index: index + 1});
  const width = bytes[0] << 8 | bytes[1], height = bytes[2] << 8 | bytes[3];
  view.canvas.hidden = width * height === 0;
  if (height === 1) {
    drawStrip(view.canvas, width, bytes.subarray(4));
  } else if (height > 1) {
    drawDisplay(view.canvas, width, height, bytes.subarray(4));
  }
}

// A large picture takes the script some time, so it comes less often.
async function keepDrawing() {
  for (;;) {
    const begun = Date.now();
    const views = partViews;
    for (let i = 0; i < views.length; i++) {
      if (views[i].hasPicture && !document.hidden) {
        await showPicture(views[i], i).catch(() => {});
      }
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(PICTURE, 5 * (Date.now() - begun))));
  }
}

keepDrawing();
