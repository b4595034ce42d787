// The page at /: asks for a token, reads /v1 with it, shows what came. Text is only ever set as text, never as markup.
const KEY = 'usher-token';
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];
/** A pull that was committed is seldom further back: most are. */
const RUNS_LOOKED_AT = 5;
const byId = (id) => document.getElementById(id);

byId('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const token = byId('token').value.trim();
  byId('token').value = '';
  sessionStorage.setItem(KEY, token);
  show(token);
});
byId('forget').addEventListener('click', () => {
  sessionStorage.removeItem(KEY);
  for (const id of ['figures', 'connections', 'next', 'who']) byId(id).replaceChildren();
  ask('');
});

const kept = sessionStorage.getItem(KEY);
if (kept) show(kept);
else ask('');

/** Asks for a token, saying why the last one did not do. */
function ask(message) {
  say(message, message !== '');
  byId('ask').hidden = false;
  byId('data').hidden = true;
  byId('forget').hidden = true;
  byId('token').focus();
}

function show(token) {
  say('Reading …');
  readAll(token).catch(refused);
}

/** Asks for another token, or says why nothing came. */
function refused(problem) {
  if (problem.status === 401) sessionStorage.removeItem(KEY);
  ask(problem.message);
}

async function readAll(token) {
  const [me, connections, figures] = await Promise.all(
    ['/v1/me', '/v1/connections', '/v1/figures'].map((path) => read(path, token)),
  );
  byId('who').textContent = `As ${me.principal.name}, ${me.principal.role}.`;
  byId('figures').replaceChildren(...tiles(figures));
  const cards = await Promise.all(
    connections.data.map(async (connection) => ({
      connection,
      element: card(connection, await lastPull(connection, token)),
    })),
  );
  byId('connections').replaceChildren(...cards.map(({ element }) => element));
  byId('next').replaceChildren(...steps(connections.data));
  byId('ask').hidden = true;
  byId('data').hidden = false;
  byId('forget').hidden = false;
  say('');
  // Below what everybody comes for: it comes after.
  const unread = 'Whether the app sends more than is known could not be read.';
  const drifts = cards.map(({ connection, element }) =>
    showDrift(connection, element, token).catch(() => element.append(hint(unread))),
  );
  await Promise.all(drifts);
}

/**
 * What of a connection its last pull that was committed could not see whole, and why its latest sync failed. null: that
 * could not be read, which is not the same as nothing.
 */
async function lastPull({ id, last_sync: sync }, token) {
  if (!sync) return { unseen: [], error: null };
  try {
    const { data } = await read(`/v1/connections/${encodeURIComponent(id)}/syncs?page_size=${RUNS_LOOKED_AT}`, token);
    const pulled = data.find(({ state }) => state === 'succeeded');
    const unseen = (pulled?.collections ?? []).filter(({ state }) => state === 'partial');
    return { unseen, error: data[0]?.state === 'failed' ? data[0].error : null };
  } catch {
    return null;
  }
}

/** Adds to a connection's card what its app sent that nobody knew. A sample tells type and size, never the value. */
async function showDrift({ id }, element, token) {
  const { data } = await read(`/v1/connections/${encodeURIComponent(id)}/drift`, token);
  if (data.length === 0) return;
  const what = data.length === 1 ? 'one thing' : `${number(data.length)} things`;
  const details = make('details', '', make('summary', `The app sends ${what} its connector does not know`));
  details.className = 'told';
  const list = make('ul', '', ...data.map(driftLine));
  const note = hint('Nothing is lost: what is not known is kept with the record, and its values are not shown here.');
  details.append(list, note);
  element.append(details);
}

function driftLine({ operation, path, problem, sample, occurrences, first_seen_at: first, last_seen_at: last }) {
  const times = occurrences === 1 ? 'once' : `${number(occurrences)} times`;
  const when = hint(`${operation}, ${times}, ${first === last ? 'on' : 'since'} `);
  when.append(time(first));
  if (first !== last) when.append(', last ', time(last));
  return make('li', '', make('code', path), ` ${problem.replaceAll('-', ' ')}, `, make('code', sample), when);
}

async function read(path, token) {
  const answer = await fetch(path, { headers: { authorization: `Bearer ${token}` }, cache: 'no-store' }).catch(() => {
    throw new Error('Usher does not answer. Is it running?');
  });
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const sentence = [body.detail, body.next].filter(Boolean).join(' ') || `Usher answered ${answer.status}.`;
  throw Object.assign(new Error(sentence), { status: answer.status });
}

function tiles({ accounts, groups, resources, grants, credentials }) {
  const lacking = accounts.administrators_without_second_factor;
  const values = [
    ['Accounts', accounts.total],
    ...Object.entries(accounts.by_status)
      .sort()
      .map(([status, count]) => [`Accounts ${status}`, count]),
    ['Administrators', accounts.administrators],
    ['Administrators known to lack a second factor', lacking, lacking > 0],
    ['Groups', groups],
    ['Resources', resources],
    ['Grants', grants],
    ...(credentials > 0 ? [['Credentials', credentials]] : []),
  ];
  return values.map(([name, count, isWarning]) => {
    const tile = make('div', '', make('dt', name), make('dd', number(count)));
    if (isWarning) tile.className = 'warn';
    return tile;
  });
}

function card(connection, pull) {
  const { state, last_sync: sync, snapshot_at: at, counts, tenant } = connection;
  const [word, tone] = standing(state, sync, at, pull);
  const label = make('span', word);
  label.className = `state ${tone}`;
  const kinds = ['account', 'group', 'resource', 'grant', 'credential'].filter((kind) => counts[kind] > 0);
  const held = kinds.map((kind) => `${number(counts[kind])} ${kind}${counts[kind] === 1 ? '' : 's'}`).join(', ');
  const lines = [
    make('h3', '', make('span', connection.id), label),
    hint([connection.title, tenant?.name].filter(Boolean).join(' · ')),
    make('p', held || 'Holds nothing yet'),
    at ? make('p', 'Seen whole ', time(at), age(at)) : hint('Not pulled completely yet.'),
  ];
  if (connection.paused_reason) lines.push(sentences(connection.paused_reason));
  if (pull === null) lines.push(hint('Whether its last sync saw everything could not be read.'));
  if (pull?.error) lines.push(sentences([pull.error.detail, pull.error.next].filter(Boolean).join(' ')));
  if (pull?.unseen.length > 0) lines.push(unseenOf(pull.unseen));
  return make('li', '', ...lines);
}

/** Which collections were seen in part alone, and why. A handful is read at once, more only by whoever asks. */
function unseenOf(collections) {
  const what = collections.length === 1 ? 'One part' : `${number(collections.length)} parts`;
  const details = make('details', '', make('summary', `${what} could not be seen whole`));
  details.className = 'told';
  details.open = collections.length <= 3;
  const lines = collections.map(({ id, scope, reason }) => {
    const name = id.replaceAll('_', ' ') + (scope ? ` (${scope})` : '');
    return make('li', '', make('code', name), ` ${reason ?? 'The app gave no reason.'}`);
  });
  details.append(make('ul', '', ...lines), hint('Nothing of it was removed: what was known of it before is kept.'));
  return details;
}

function standing(state, sync, at, pull) {
  if (state === 'paused') return ['paused', 'warn'];
  if (sync?.state === 'failed') return ['last sync failed', 'bad'];
  if (sync?.state === 'paused') return ['a sync waits to be confirmed', 'warn'];
  if (sync?.state === 'running' || sync?.state === 'queued') return ['syncing', 'good'];
  if (!at) return ['not synced', 'warn'];
  if (pull === null) return ['synced', 'warn'];
  return pull.unseen.length > 0 ? ['seen in part', 'warn'] : ['up to date', 'good'];
}

function steps(connections) {
  const [first, ...others] = connections;
  const id = first?.id;
  const owning = connections.find((each) => each.counts.credential > 0);
  const paused = connections.find((each) => each.last_sync?.state === 'paused');
  const commands = id
    ? [
        ...(paused ? [['See why a sync waits, then confirm it: ', `usher sync confirm ${paused.id}`]] : []),
        others.length > 0
          ? ['Find somebody in all of them: ', 'usher accounts --search NAME']
          : ['Look at the accounts: ', `usher accounts list --connection ${id}`],
        ...(owning ? [['See whose API keys there are: ', `usher credentials list ${owning.id}`]] : []),
        [others.length > 0 ? 'Pull one again: ' : 'Pull it again: ', `usher sync ${id}`],
        ['Follow what changes: ', 'usher events --follow'],
      ]
    : [['Connect your first app: ', 'usher connect lastpass']];
  const docs = make('a', 'Try the API');
  docs.href = '/docs';
  return [...commands.map(([text, command]) => make('li', text, make('code', command))), make('li', '', docs)];
}

function time(iso) {
  const element = make('time', new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }));
  element.dateTime = iso;
  element.title = iso;
  return element;
}

/** How long ago, roughly: whether what is shown is fresh is asked before the exact time. */
function age(iso) {
  const seconds = (Date.now() - new Date(iso).getTime()) / 1000;
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1];
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  return `, ${words.format(-Math.round(seconds / size), unit)}`;
}

/** Sentences in which commands stand between backticks. */
function sentences(text) {
  const parts = text.split('`').map((part, index) => (index % 2 === 1 ? make('code', part) : part));
  return make('p', '', ...parts);
}

function hint(text) {
  const line = make('p', text);
  line.className = 'hint';
  return line;
}

function make(name, text, ...children) {
  const element = document.createElement(name);
  element.append(text, ...children);
  return element;
}

function number(value) {
  return new Intl.NumberFormat().format(value);
}

function say(text, isBad = false) {
  const line = byId('status');
  line.textContent = text;
  line.className = isBad ? 'bad' : '';
}
