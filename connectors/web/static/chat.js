// The chat page. What the server says enters the page as text nodes only, never as markup.
"use strict";

(() => {
  const DOOR = "/web/messages";
  const PATIENCE_MS = 20000;
  const KEPT_ID = "troly.conversation";
  const ERASE = "say:erase";
  const OWN_PAGE = /^\/(?![/\\])/; // a path of this server; "//" would be another host
  const PICTURE_ID = /^[a-z][a-z0-9_]*$/;
  const ADDRESS = /https:\/\/[^\s<>"'()]+[^\s<>"'().,;:!?]/g;

  const part = (id) => document.getElementById(id);
  const texts = part("texts").dataset;
  const log = part("log");
  const words = part("words");
  const send = part("send");
  const typing = part("typing");
  const trouble = part("trouble");

  let waiting = false;
  let unsent = null; // what could not be sent, to be sent again

  // Storage may be forbidden: then the conversation lasts as long as the page.
  let conversation = null;
  const remember = (id) => {
    conversation = id;
    try {
      if (id) sessionStorage.setItem(KEPT_ID, id);
      else sessionStorage.removeItem(KEPT_ID);
    } catch { /* kept in memory */ }
  };
  try { conversation = sessionStorage.getItem(KEPT_ID); } catch { /* none */ }

  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const anchor = (title, url) => {
    const link = make("a", "", title);
    link.href = url;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.append(make("span", "only-read", ` (${texts.newTab})`));
    return link;
  };

  const withAddresses = (element, line) => {
    let at = 0;
    for (const found of line.matchAll(ADDRESS)) {
      element.append(line.slice(at, found.index), anchor(found[0], found[0]));
      at = found.index + found[0].length;
    }
    element.append(line.slice(at));
    return element;
  };

  const drawing = ({ id, alt }) => {
    const image = make("img", "drawing");
    image.loading = "lazy";
    image.width = 320; // all drawings are 4:3: the place is kept while it loads
    image.height = 240;
    image.alt = alt;
    image.src = `/pictures/${id}.svg`;
    return image;
  };

  // How a line of the reply looks: the title of an answer or a step, one of its headings, the source, or plain.
  const look = (line) => {
    if (line.startsWith("Nguồn:")) return "small";
    if (/^Bước \d+\/\d+: /.test(line)) return "title";
    if (/^.{3,60} — .{3,120}[^.?!:]$/.test(line)) return "title";
    return line.startsWith("▸") ? "heading" : "";
  };

  // Lines that begin with "•" become a list (indented ones below belong to them), the others paragraphs.
  const fill = (bubble, text) => {
    let list = null;
    for (const line of text.split("\n")) {
      const item = line.match(/^\s*[•-]\s+(.*)$/);
      if (item) {
        if (!list) bubble.append(list = make("ul"));
        list.append(withAddresses(make("li"), item[1]));
        continue;
      }
      if (list && /^\s{2,}\S/.test(line)) {
        list.lastChild.append(make("br"));
        withAddresses(list.lastChild, line.trim());
        continue;
      }
      list = null;
      if (line.trim()) bubble.append(withAddresses(make("p", look(line)), line));
    }
  };

  const said = (whose, name) => {
    const item = make("li", `said ${whose}`);
    const bubble = make("div", "bubble");
    bubble.append(make("span", "only-read", `${name}: `));
    item.append(bubble);
    log.append(item);
    return { item, bubble };
  };

  const bottom = () => {
    const talk = part("talk");
    talk.scrollTop = talk.scrollHeight;
  };

  // A long answer is read from its beginning.
  const reveal = (item) => {
    const talk = part("talk");
    const room = talk.clientHeight - 24;
    if (item.offsetHeight > room) talk.scrollTop = item.offsetTop - talk.offsetTop - 12;
    else bottom();
  };

  const retireChips = () => {
    for (const chips of log.querySelectorAll(".chips")) chips.remove();
  };

  const showMine = (text) => {
    part("welcome").hidden = true;
    retireChips();
    said("mine", texts.you).bubble.append(text);
    bottom();
  };

  const showTheirs = (reply) => {
    const { item, bubble } = said("theirs", texts.assistant);
    fill(bubble, reply.text);
    if (reply.picture && PICTURE_ID.test(reply.picture.id)) bubble.append(drawing(reply.picture));
    const links = reply.links.filter(({ url }) => url.startsWith("https://") || OWN_PAGE.test(url));
    if (links.length) {
      const list = make("ul", "links");
      for (const link of links) {
        const row = make("li");
        row.append(anchor(link.title, link.url));
        list.append(row);
      }
      item.append(list);
    }
    if (reply.buttons.length) item.append(chips(reply.buttons));
    reveal(item);
  };

  const chips = (buttons) => {
    const list = make("ul", "chips");
    list.setAttribute("aria-label", texts.choices);
    for (const { title, payload } of buttons) {
      const button = make("button", "", title);
      button.type = "button";
      button.addEventListener("click", () => say({ payload }, title));
      const row = make("li");
      row.append(button);
      list.append(row);
    }
    return list;
  };

  const wait = (on) => {
    waiting = on;
    typing.hidden = !on;
    send.disabled = on;
    for (const button of log.querySelectorAll(".chips button")) button.disabled = on;
    if (on) bottom();
  };

  class Refused extends Error {
    constructor(status) {
      super(`refused with ${status}`);
      this.status = status;
    }
  }

  const post = async (message) => {
    const body = conversation ? { ...message, conversation_id: conversation } : message;
    const response = await fetch(DOOR, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) throw new Refused(response.status);
    return response.json();
  };

  // An id of another server, or of before its key was changed, is refused: the conversation starts anew.
  const posted = async (message) => {
    try {
      return await post(message);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 403 || !conversation) throw error;
      remember(null);
      return post(message);
    }
  };

  const whatWentWrong = (error) => {
    if (error instanceof Refused) return error.status === 429 ? texts.busy : texts.failed;
    return error.name === "TimeoutError" ? texts.slow : texts.offline;
  };

  const deliver = async (message) => {
    trouble.hidden = true;
    unsent = null;
    wait(true);
    try {
      const answer = await posted(message);
      wait(false);
      if (message.payload === ERASE) forget();
      else remember(answer.conversation_id);
      showTheirs(answer.reply);
    } catch (error) {
      wait(false);
      unsent = message;
      part("trouble-text").textContent = whatWentWrong(error);
      trouble.hidden = false;
      part("again").focus();
    }
  };

  const say = (message, shown) => {
    if (waiting) return;
    showMine(shown);
    deliver(message);
  };

  const forget = () => {
    remember(null);
    log.replaceChildren();
    part("welcome").hidden = false;
  };

  const grow = () => {
    words.style.height = "";
    if (words.scrollHeight > words.clientHeight) words.style.height = `${words.scrollHeight + 3}px`;
  };

  const submit = () => {
    const text = words.value.trim();
    if (!text || waiting) return;
    words.value = "";
    grow();
    say({ text }, text);
  };

  part("write").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  words.addEventListener("input", grow);
  words.addEventListener("keydown", (event) => {
    // While a Vietnamese input method composes a word, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  part("again").addEventListener("click", () => {
    if (unsent && !waiting) deliver(unsent);
  });
  for (const example of document.querySelectorAll("[data-example]")) {
    example.addEventListener("click", () => say({ text: example.textContent }, example.textContent));
  }

  const ask = part("ask");
  part("erase").addEventListener("click", () => {
    ask.returnValue = "";
    ask.showModal();
  });
  ask.addEventListener("close", () => {
    if (ask.returnValue !== "erase" || waiting) return;
    if (conversation) deliver({ payload: ERASE });
    else forget();
    words.focus();
  });
})();
