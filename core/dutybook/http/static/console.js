// The console at /graphiql: sends what is written, shows what comes back, and leafs through the schema.

const EXAMPLE = `query Roster {
  registry {
    asOf
    revision
    departments {
      code
      name
      positions {
        code
        title
        duties { ordinal text }
      }
    }
  }
}
`;

const TYPE_REF = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
const SCHEMA = `{ __schema { types { kind name description
  fields { name description type { ${TYPE_REF} } args { name type { ${TYPE_REF} } } }
  inputFields { name description type { ${TYPE_REF} } }
  enumValues { name description } } } }`;

const WORDS = {
  zh: {
    running: "正在查询…", stopped: "已停止", unreachable: "无法连接服务器", other: "English",
    badVariables: "变量不是合法的 JSON：", errors: (count) => `${count} 个错误`,
  },
  en: {
    running: "Running…", stopped: "Stopped", unreachable: "The server cannot be reached", other: "中文",
    badVariables: "The variables are not valid JSON: ", errors: (count) => `${count} error${count > 1 ? "s" : ""}`,
  },
};

const at = (id) => document.getElementById(id);
const kept = (name) => sessionStorage.getItem(`dutybook.${name}`);
const keep = (name, value) => sessionStorage.setItem(`dutybook.${name}`, value);
let language = "zh";
let running = null;

function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-en]")) {
    element.dataset.zh ??= element.textContent;
    element.textContent = element.dataset[chosen];
  }
  for (const field of document.querySelectorAll("[data-hint-zh]")) {
    field.placeholder = chosen === "zh" ? field.dataset.hintZh : field.dataset.hintEn;
  }
  at("language").textContent = WORDS[chosen].other;
  at("language").lang = chosen === "zh" ? "en" : "zh-CN";
  keep("language", chosen);
}

function tell(text, wrong = false) {
  at("status").textContent = text;
  at("status").classList.toggle("wrong", wrong);
  at("result").classList.toggle("wrong", wrong);
}

async function send(query, variables, signal) {
  const headers = {
    "Content-Type": "application/json",
    "Accept": "application/graphql-response+json, application/json;q=0.9",
    "Accept-Language": language,
  };
  const token = at("token").value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  const body = JSON.stringify({ query, variables });
  return fetch("graphql", { method: "POST", headers, body, signal, credentials: "same-origin" });
}

function variables() {
  const text = at("variables").value.trim();
  try {
    return text ? JSON.parse(text) : {};
  } catch (error) {
    tell(WORDS[language].badVariables + error.message, true);
    at("variables").focus();
    return null;
  }
}

async function run() {
  const given = variables();
  if (given === null || running) return;
  for (const name of ["query", "variables", "token"]) keep(name, at(name).value);
  running = new AbortController();
  busy(true);
  tell(WORDS[language].running);
  try {
    await show(await send(at("query").value, given, running.signal));
  } catch (error) {
    const stopped = error.name === "AbortError";
    tell(stopped ? WORDS[language].stopped : WORDS[language].unreachable, !stopped);
  } finally {
    running = null;
    busy(false);
  }
}

async function show(response) {
  const text = await response.text();
  const answer = JSON.parse(text);
  const [timing] = performance.getEntriesByName(response.url).slice(-1);
  const parts = [`${response.status} ${response.statusText}`];
  if (timing) parts.push(`${Math.round(timing.duration)} ms`);
  parts.push(`${(new Blob([text]).size / 1024).toFixed(1)} KB`);
  const errors = answer.errors?.length ?? (response.ok ? 0 : 1);
  if (errors) parts.push(WORDS[language].errors(errors));
  at("result").textContent = JSON.stringify(answer, null, 2);
  tell(parts.join(" · "), errors > 0);
}

function busy(now) {
  at("run").disabled = now;
  at("stop").hidden = !now;
}

function tidy() {
  const given = variables();
  if (given !== null) at("variables").value = JSON.stringify(given, null, 2);
}

// ---- the schema ----

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function typeOf(type) {
  if (type.kind === "NON_NULL") return [...typeOf(type.ofType), "!"];
  if (type.kind === "LIST") return ["[", ...typeOf(type.ofType), "]"];
  return [element("button", { type: "button", className: "type", textContent: type.name, onclick: () => open(type.name) })];
}

function member(field) {
  const inputs = (field.args ?? []).flatMap((argument, index) => [
    index ? ", " : "(", `${argument.name}: `, ...typeOf(argument.type),
  ]);
  const line = [field.name, ...inputs, inputs.length ? ")" : ""];
  if (field.type) line.push(": ", ...typeOf(field.type));
  const made = [element("dt", {}, ...line)];
  if (field.description) made.push(element("dd", { textContent: field.description }));
  return made;
}

function entry(type) {
  const members = type.fields ?? type.inputFields ?? type.enumValues ?? [];
  const title = element("summary", {}, `${type.name} `, element("small", { textContent: type.kind.toLowerCase() }));
  const made = element("details", { id: `type-${type.name}` }, title);
  if (type.description) made.append(element("p", { textContent: type.description }));
  made.append(element("dl", {}, ...members.flatMap(member)));
  made.dataset.words = [type.name, ...members.map((each) => each.name)].join(" ").toLowerCase();
  return made;
}

function open(name) {
  const wanted = at(`type-${name}`);
  at("search").value = "";
  find();
  wanted.open = true;
  wanted.scrollIntoView({ block: "start" });
  wanted.querySelector("summary").focus();
}

function find() {
  const wanted = at("search").value.trim().toLowerCase();
  for (const each of at("types").children) each.hidden = !(each.dataset.words ?? "").includes(wanted);
}

async function leaf() {
  const panel = at("schema");
  panel.hidden = !panel.hidden;
  at("schema-button").setAttribute("aria-expanded", String(!panel.hidden));
  if (panel.hidden || at("types").childElementCount) return;
  const response = await send(SCHEMA, {});
  const answer = await response.json();
  if (!answer.data) {
    at("types").textContent = answer.errors?.[0].message ?? answer.detail;
    return;
  }
  const first = ["Query", "Mutation", "Registry"];
  const rank = (type) => (first.includes(type.name) ? first.indexOf(type.name) : first.length);
  const types = answer.data.__schema.types.filter((type) => !type.name.startsWith("__"));
  types.sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
  at("types").replaceChildren(...types.map(entry));
}

// ---- the page ----

const asked = new URLSearchParams(location.search);
at("query").value = asked.get("query") ?? kept("query") ?? EXAMPLE;
at("variables").value = asked.get("variables") ?? kept("variables") ?? "";
at("token").value = kept("token") ?? "";
speak(kept("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en"));

at("language").onclick = () => speak(language === "zh" ? "en" : "zh");
at("schema-button").onclick = leaf;
at("search").oninput = find;
at("stop").onclick = () => running?.abort();
at("tidy").onclick = tidy;
at("request").onsubmit = (event) => { event.preventDefault(); run(); };
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
});
