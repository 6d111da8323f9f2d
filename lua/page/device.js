// The pins and the analog input.
const GPIO = [16, 5, 4, 0, 2, 14, 12, 13, 15, 3, 1, 9, 10]; // of the chip, by the firmware's numbers
const MODES = ['input', 'output', 'open drain', 'interrupt'];
const PRESS = 150; // ms at least, so that a script that polls the pin sees it

const pins = [];

function setPin(pin, level) {
  request('pin', {pin, level});
}

// A press inverts the level until the button is released.
function makePress(number) {
  const button = element('button', {type: 'button', textContent: 'Press', className: 'press'});
  let pressed = null;
  const press = () => {
    if (!pressed) {
      pressed = {level: pins[number].level, since: Date.now()};
      button.classList.add('held');
      setPin(number, 1 - pressed.level);
    }
  };
  const release = () => {
    const before = pressed;
    if (before && !before.ends) {
      before.ends = setTimeout(() => {
        pressed = null;
        button.classList.remove('held');
        setPin(number, before.level);
      }, Math.max(0, before.since + PRESS - Date.now()));
    }
  };
  button.onpointerdown = press;
  button.onpointerup = button.onpointerleave = button.onpointercancel = button.onblur = release;
  button.onkeydown = (event) => { if (event.key === ' ' || event.key === 'Enter') { press(); } };
  button.onkeyup = release;
  button.onclick = () => { press(); release(); }; // of a screen reader, which presses no key
  return button;
}

function makePin(number) {
  const lamp = element('span', {className: 'lamp'});
  const mode = element('span', {className: 'mode'});
  const set = element('button', {type: 'button', className: 'level'});
  const press = makePress(number);
  const name = element('b', {textContent: `D${number}`, title: `GPIO${GPIO[number]}`});
  lamp.setAttribute('aria-hidden', 'true');
  press.setAttribute('aria-label', `Press the button at D${number}`);
  set.onclick = () => setPin(number, 1 - pins[number].level);
  const item = element('li', {}, lamp, name, mode, set, press);
  item.setAttribute('aria-label', `Pin ${number}`);
  $('pin-list').append(item);
  return {item, lamp, mode, set, press, text: ''};
}

function describeMode(mode, pull, frequency, duty, user) {
  if (frequency) {
    return `${Math.round(frequency)} Hz, ${Math.round(100 * duty)} %`;
  }
  return (user || MODES[mode]) + (pull ? ', pull-up' : '');
}

function showPin(number, [mode, pull, level, frequency, duty, user]) {
  const pin = pins[number] || (pins[number] = makePin(number));
  const text = [mode, pull, frequency ? '' : level, frequency, duty, user].join(' ');
  pin.level = level;
  if (pin.text === text) {
    return;
  }
  pin.text = text;
  pin.lamp.className = (frequency ? duty > 0 : level) ? 'lamp on' : 'lamp';
  pin.lamp.style.opacity = frequency ? 0.25 + 0.75 * duty : 1;
  pin.item.className = mode || pull || level || frequency || user ? '' : 'plain';
  pin.mode.textContent = describeMode(mode, pull, frequency, duty, user);
  pin.set.textContent = level ? 'high' : 'low';
  pin.set.setAttribute('aria-pressed', level === 1);
  pin.set.setAttribute('aria-label', `Level of D${number}: ${level ? 'high' : 'low'}`);
  pin.set.disabled = pin.press.disabled = mode === 1;
}

function showDevice(device) {
  device.pins.forEach((pin, number) => showPin(number, pin));
  if (document.activeElement !== $('adc')) {
    $('adc').value = device.adc;
  }
  $('adc-value').value = device.adc;
  showParts(device.parts);
  showPrompt(device.prompt);
}

$('adc').oninput = () => {
  $('adc-value').value = $('adc').value;
  request('adc', {value: Number($('adc').value)});
};
