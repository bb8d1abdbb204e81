/** What the console page runs in the browser: fetch for operations, graphql-transport-ws for subscriptions. */
export const consoleScript = String.raw`
'use strict';
const el = (id) => document.getElementById(id);
const make = (tag, text, className) => {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  if (className) node.className = className;
  return node;
};
const pretty = (value) => JSON.stringify(value, null, 2);

// A token may come in the fragment, which no server sees; it stays in this tab.
const given = /^#token=(.+)$/.exec(location.hash);
if (given) history.replaceState(null, '', location.pathname);
for (const id of ['token', 'query', 'variables']) {
  const kept = sessionStorage.getItem('tidings.' + id);
  if (kept !== null) el(id).value = kept;
  el(id).addEventListener('input', () => sessionStorage.setItem('tidings.' + id, el(id).value));
}
if (given) {
  el('token').value = decodeURIComponent(given[1]);
  sessionStorage.setItem('tidings.token', el('token').value);
}

const authorization = () => 'Bearer ' + el('token').value.trim();
const show = (text) => { el('result').textContent = text; };
const say = (text) => { el('state').textContent = text; };

const operation = () => {
  const variables = el('variables').value.trim();
  return { query: el('query').value, variables: variables ? JSON.parse(variables) : {} };
};

const post = async (body) => {
  const response = await fetch(location.pathname, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: authorization() },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
};

const run = async () => {
  const started = performance.now();
  try {
    const { status, answer } = await post(operation());
    show(pretty(answer));
    say(status + ' in ' + Math.round(performance.now() - started) + ' ms');
  } catch (error) {
    say(String(error));
  }
};

let socket;
const stop = (why) => {
  if (!socket) return;
  const ending = socket;
  socket = undefined;
  ending.close(1000);
  el('subscribe').textContent = 'Subscribe';
  say(why);
};

const follow = () => {
  let payload;
  try {
    payload = operation();
  } catch (error) {
    return say(String(error));
  }
  const seen = [];
  let count = 0;
  const address = location.href.replace(/^http/, 'ws').replace(/#.*$/, '');
  const mine = (socket = new WebSocket(address, 'graphql-transport-ws'));
  const send = (message) => mine.send(JSON.stringify(message));
  el('subscribe').textContent = 'Stop';
  say('connecting');
  show('');
  mine.onopen = () => send({ type: 'connection_init', payload: { authorization: authorization() } });
  mine.onclose = ({ code, reason }) => {
    if (socket === mine) stop('closed: ' + code + ' ' + reason);
  };
  let drawn = false;
  const draw = () => {
    drawn = false;
    show(seen.join('\n'));
    if (socket === mine) say(count + ' updates');
  };
  mine.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    switch (message.type) {
      case 'connection_ack':
        say('following');
        return send({ id: '1', type: 'subscribe', payload });
      case 'ping':
        return send({ type: 'pong' });
      case 'next':
      case 'error':
        count += 1;
        seen.unshift(pretty(message.payload));
        seen.length = Math.min(seen.length, 200);
        // A busy feed draws once per frame.
        if (!drawn) requestAnimationFrame(draw);
        drawn = true;
        return;
      case 'complete':
        return stop('ended after ' + count + ' updates');
    }
  };
};

el('run').onclick = run;
el('subscribe').onclick = () => (socket ? stop('stopped') : follow());
for (const id of ['query', 'variables']) {
  el(id).addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (/^\s*subscription\b/.test(el('query').value)) follow();
    else run();
  });
}

const introspection = '{ __schema { queryType { name } mutationType { name } subscriptionType { name } types { name kind description ' +
  'fields { name description args { name type { ...T } } type { ...T } } inputFields { name description type { ...T } } ' +
  'enumValues { name } possibleTypes { name } } } } ' +
  'fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }';

const typeText = (type) =>
  type.kind === 'NON_NULL' ? typeText(type.ofType) + '!'
    : type.kind === 'LIST' ? '[' + typeText(type.ofType) + ']'
      : type.name;
const named = (type) => (type.ofType ? named(type.ofType) : type.name);

/** What can be selected of a type without going deep: its leaves, and the leaves of what it holds. */
const selection = (types, name, depth) => {
  const type = types.get(name);
  if (type.kind === 'UNION') {
    const parts = type.possibleTypes.map((p) => '... on ' + p.name + ' ' + selection(types, p.name, depth));
    return '{ __typename ' + parts.join(' ') + ' }';
  }
  if (!type.fields) return '';
  const parts = type.fields.flatMap((field) => {
    const inner = types.get(named(field.type));
    if (!inner.fields && inner.kind !== 'UNION') return [field.name];
    return depth > 0 ? [field.name + ' ' + selection(types, inner.name, depth - 1)] : [];
  });
  return parts.length ? '{ ' + parts.join(' ') + ' }' : '{ __typename }';
};

const example = (types, kind, field) => {
  const declared = field.args.map((a) => '$' + a.name + ': ' + typeText(a.type)).join(', ');
  const passed = field.args.map((a) => a.name + ': $' + a.name).join(', ');
  const head = kind + (declared ? ' (' + declared + ')' : '');
  const call = field.name + (passed ? '(' + passed + ')' : '');
  const picked = selection(types, named(field.type), 2);
  return head + ' {\n  ' + call + (picked ? ' ' + picked : '') + '\n}';
};

const describe = async () => {
  const { answer } = await post({ query: introspection });
  const schema = answer.data && answer.data.__schema;
  if (!schema) return;
  const types = new Map(schema.types.map((type) => [type.name, type]));
  const docs = el('docs');
  for (const kind of ['query', 'mutation', 'subscription']) {
    const root = types.get((schema[kind + 'Type'] || {}).name);
    if (!root) continue;
    docs.append(make('h2', kind));
    for (const field of [...root.fields].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const button = make('button', field.name, 'link');
      button.title = 'Write an example';
      button.onclick = () => {
        el('query').value = example(types, kind, field);
        const blank = Object.fromEntries(field.args.map((a) => [a.name, null]));
        el('variables').value = field.args.length ? pretty(blank) : '';
        for (const id of ['query', 'variables']) el(id).dispatchEvent(new Event('input'));
      };
      const args = field.args.map((a) => a.name + ': ' + typeText(a.type)).join(', ');
      const line = make('p');
      line.append(button, (args ? '(' + args + ')' : '') + ': ' + typeText(field.type));
      if (field.description) line.append(make('small', field.description));
      docs.append(line);
    }
  }
  docs.append(make('h2', 'types'));
  const shown = schema.types.filter((t) => !t.name.startsWith('__') && !['Query', 'Mutation', 'Subscription'].includes(t.name));
  for (const type of shown.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const box = make('details');
    box.append(make('summary', type.name));
    if (type.description) box.append(make('small', type.description));
    const parts = (type.fields || type.inputFields || []).map((f) => f.name + ': ' + typeText(f.type))
      .concat((type.enumValues || []).map((v) => v.name))
      .concat((type.possibleTypes || []).map((p) => p.name));
    box.append(make('pre', parts.join('\n')));
    docs.append(box);
  }
};
describe().catch((error) => say(String(error)));
`;
