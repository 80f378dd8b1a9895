// Comes after axe-core's own source. What a story says under `parameters.a11y` holds here as in Storybook's addon.
(async () => {
  const said = globalThis.__STORYBOOK_PREVIEW__?.currentRender?.story?.parameters?.a11y ?? {};
  if (said.disable === true || said.test === 'off') return { skipped: 'the story turns it off (`parameters.a11y`)' };
  // A story is no page: it needs no landmarks.
  const config = said.config ?? {};
  axe.reset();
  axe.configure({ ...config, rules: [{ id: 'region', enabled: false }, ...(config.rules ?? [])] });
  const context = said.context ?? said.element ?? {
    include: [document.body],
    exclude: ['.sb-wrapper', '#storybook-docs', '#storybook-highlights-root'].filter((s) => document.querySelector(s)),
  };
  const found = await axe.run(context, { ...(said.options ?? {}), resultTypes: ['violations'] });
  return { violations: found.violations.slice(0, 50).map(globalThis.__lockstep.violation) };
})()
