// Runs in each document before any script of its own: listens to Storybook's channel and to what the browser measures.
// The names of the events are Storybook's own (`storybook/internal/core-events`).
(() => {
  'use strict';
  const tell = globalThis.__lockstepTell;
  if (window !== window.top || typeof tell !== 'function') return;

  const cut = (text) => String(text ?? '').replace(/\u001b\[[0-9;]*m/g, '').slice(0, 8000);
  const say = (kind, more) => tell(JSON.stringify({ kind, at: performance.now(), ...more }));
  const told = (error) => {
    const { name, message, stack } = typeof error === 'object' && error ? error : { message: String(error) };
    const named = name && name !== 'Error' && !String(message).startsWith(name) ? `${name}: ${message}` : message;
    return { message: cut(named), stack: cut(stack) };
  };
  const reports = (list) => (Array.isArray(list) ? list : []).slice(0, 20).map((report) => ({
    type: cut(report?.type),
    status: cut(report?.status),
    violations: (report?.result?.violations ?? []).slice(0, 50).map(violation),
  }));
  const violation = (found) => ({
    id: cut(found.id),
    impact: cut(found.impact),
    help: cut(found.help),
    count: found.nodes?.length ?? 0,
    targets: (found.nodes ?? []).slice(0, 5).map((node) => cut((node.target ?? []).flat().join(' '))),
  });

  const known = new WeakSet();
  const listen = (channel) => {
    if (typeof channel?.on !== 'function' || known.has(channel)) return;
    known.add(channel);
    channel.on('storyRendered', () => {
      say('rendered');
      // Storybook before 9 says no more than this.
      const events = globalThis.__STORYBOOK_MODULE_CORE_EVENTS__;
      if (events && !('STORY_FINISHED' in events)) say('finished', { reports: [] });
    });
    channel.on('storyFinished', (end) => say('finished', { reports: reports(end?.reporters) }));
    channel.on('storyMissing', () => {
      const shown = document.querySelector('#error-message')?.textContent ?? '';
      const stack = document.querySelector('#error-stack')?.textContent ?? '';
      // What can't be loaded is told as missing, too.
      const isMissing = shown === '' || shown.includes("Couldn't find story matching");
      isMissing ? say('missing') : say('threw', { error: { message: cut(shown), stack: cut(stack) } });
    });
    channel.on('storyThrewException', (error) => say('threw', { error: told(error) }));
    channel.on('configError', (error) => say('threw', { error: told(error) }));
    channel.on('storyErrored', (error) => {
      say('threw', { error: { message: cut(`${error?.title ?? ''}: ${error?.description ?? ''}`), stack: '' } });
    });
    channel.on('playFunctionThrewException', (error) => say('play', { error: told(error) }));
    channel.on('unhandledErrorsWhilePlaying', (errors) => {
      for (const error of [errors].flat().slice(0, 10)) say('play', { error: told(error) });
    });
  };
  let channel = globalThis.__STORYBOOK_ADDONS_CHANNEL__;
  listen(channel);
  Object.defineProperty(globalThis, '__STORYBOOK_ADDONS_CHANNEL__', {
    configurable: true,
    enumerable: true,
    get: () => channel,
    set: (value) => {
      channel = value;
      listen(value);
    },
  });

  // It is the time that was asked for, and goes on from there: what waits for a while still ends.
  const asked = globalThis.__lockstepNow;
  delete globalThis.__lockstepNow;
  if (typeof asked === 'number') {
    const Real = Date;
    const now = () => asked + Math.floor(performance.now());
    const Asked = new Proxy(Real, {
      construct: (target, given, made) => Reflect.construct(target, given.length ? given : [now()], made),
      apply: () => new Real(now()).toString(),
      get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    });
    Real.prototype.constructor = Asked;
    globalThis.Date = Asked;
  }
  // What is random is the same each time.
  let seed = 1;
  Math.random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };

  let largest;
  let tasks = 0;
  let taskTime = 0;
  let shift = 0;
  let current = { sum: 0, first: 0, last: 0 };
  const takers = {
    'largest-contentful-paint': (entry) => { largest = entry.startTime; },
    longtask: (entry) => { tasks += 1; taskTime += entry.duration; },
    // As web.dev defines it: the worst run of shifts less than a second apart and five seconds in all.
    'layout-shift': (entry) => {
      if (entry.hadRecentInput) return;
      const at = entry.startTime;
      const goesOn = at - current.last < 1000 && at - current.first < 5000;
      current = goesOn
        ? { ...current, sum: current.sum + entry.value, last: at }
        : { sum: entry.value, first: at, last: at };
      shift = Math.max(shift, current.sum);
    },
  };
  const observers = Object.entries(takers).map(([type, take]) => {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(take));
    try { observer.observe({ type, buffered: true }); } catch { /* not measured by this browser */ }
    return [observer, take];
  });
  Object.defineProperty(globalThis, '__lockstep', { value: Object.freeze({
    violation,
    // Lets what moves come to its end, once its fonts are there, and covers what is not to be seen.
    still: async (mask) => {
      await document.fonts?.ready;
      for (const animation of document.getAnimations()) {
        try { animation.finish(); } catch { animation.cancel(); }
      }
      const style = document.createElement('style');
      style.textContent = '* { caret-color: transparent !important; }'
        + (mask.length ? ` :is(${mask.join(',')}) { visibility: hidden !important; }` : '');
      document.head.append(style);
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    },
    measured: async () => {
      await document.fonts?.ready;
      observers.forEach(([observer, take]) => observer.takeRecords().forEach(take));
      const painted = performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
      return {
        first_contentful_paint_ms: painted,
        largest_contentful_paint_ms: largest,
        cumulative_layout_shift: shift,
        long_tasks: tasks,
        long_task_ms: taskTime,
      };
    },
  }) });
})();
