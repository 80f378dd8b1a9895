// Stands for the stories and Storybook's preview of a static build: emits what Storybook 10 emits, in its order.
const listeners = {};
const emit = (event, payload) => (listeners[event] ?? []).forEach((listener) => listener(payload));
globalThis.__STORYBOOK_ADDONS_CHANNEL__ = {
  on: (event, listener) => (listeners[event] ??= []).push(listener),
  emit,
};
const root = document.querySelector('#storybook-root');
const id = new URLSearchParams(location.search).get('id');
const behaviours = await (await fetch('./behaviours.json')).json();
const index = await (await fetch('./index.json')).json();
const finish = (status = 'success', reporters = []) => {
  emit('storyRendered', id);
  emit('storyFinished', { storyId: id, status, reporters });
};
const told = (error) => ({ name: error.name, message: error.message, stack: error.stack });
const threw = (error) => {
  emit('storyThrewException', told(error));
  console.error(`Error rendering story '${id}':`);
  emit('storyFinished', { storyId: id, status: 'error', reporters: [] });
};

const does = {
  passes: () => {
    root.innerHTML = '<button type="button">Save</button>';
    console.log('rendered');
    finish();
  },
  throws: function render() {
    try {
      null.render();
    } catch (error) {
      threw(error);
    }
  },
  'fails-play': function play() {
    const error = new Error('expected "Save" to be "Cancel"');
    emit('playFunctionThrewException', told(error));
    threw(error);
  },
  'logs-error': () => {
    root.innerHTML = '<button type="button">Save</button>';
    console.error('%s is deprecated', 'Button');
    finish();
  },
  'tells-time': () => {
    const kinds = [new Date() instanceof Date, new Date().constructor === Date, typeof Date(), new Date(0).getHours()];
    console.error(`${new Date().toISOString().slice(0, 16)} ${kinds} ${Math.random().toFixed(6)}`);
    finish();
  },
  'lacks-name': () => {
    root.innerHTML = '<button type="button"></button>';
    finish();
  },
  'lacks-picture': () => {
    root.innerHTML = '<img src="./none.png" alt="">';
    root.firstChild.onerror = () => finish();
  },
  hangs: () => {
    for (;;);
  },
  waits: () => {
    root.innerHTML = '<p>Loading</p>';
  },
};
if (!(id in index.entries)) {
  document.body.insertAdjacentHTML('beforeend', `<h1 id="error-message">Couldn't find story matching '${id}'.</h1>`);
  emit('storyMissing', id);
} else {
  does[behaviours[id] ?? 'passes']();
}
