// The fake phones. What comes from the server enters the page as text nodes only, never as markup.
"use strict";

(() => {
  const POLL_MS = 500;
  const WAITING_MS = 30000;
  const ADDRESS = /https?:\/\/[^\s<>"'()]+[^\s<>"'().,;:!?]/g;
  const texts = document.getElementById("texts").dataset;
  const state = document.getElementById("state");
  const tabs = document.getElementById("tabs");
  const table = document.getElementById("table");
  const phones = new Map();

  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const button = (className, text, act) => {
    const made = make("button", className, text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };

  const anchor = (className, text, address) => {
    const made = make("a", className, text);
    made.href = address;
    made.target = "_blank";
    made.rel = "noopener noreferrer";
    return made;
  };

  const words = (element, text) => {
    let at = 0;
    for (const found of text.matchAll(ADDRESS)) {
      element.append(text.slice(at, found.index), anchor("", found[0], found[0]));
      at = found.index + found[0].length;
    }
    element.append(text.slice(at));
    return element;
  };

  const bubble = (phone, entry) => {
    if (entry.who === "note") return make("p", "note", texts[`note_${entry.text}`] ?? "");
    const made = make("div", `said ${entry.who}`);
    if (entry.picture) made.append(anchor("picture", texts.picture, entry.picture));
    const body = make("div", "words");
    if (entry.bold) body.append(make("b", "", entry.bold));
    made.append(words(body, entry.text.slice(entry.bold.length)));
    const keys = entry.buttons.map(([label, target]) => (/^https?:/.test(target)
      ? anchor("key", `${label} ↗`, target)
      : button("key", label, () => phone.makes({ tap: target }))));
    if (keys.length) {
      const board = make("div", "keys");
      board.append(...keys);
      made.append(board);
    }
    return made;
  };

  class Phone {
    constructor(screen) {
      this.channel = screen.channel;
      this.person = screen.person;
      this.count = 0;
      this.since = 0;
      this.root = document.getElementById("phone").content.firstElementChild.cloneNode(true);
            this.root.id = screen.channel;
      this.root.setAttribute("aria-label", texts[screen.channel]);
      this.root.querySelector(".name").textContent = texts[screen.channel];
      this.log = this.root.querySelector(".log");
      this.welcome = this.root.querySelector(".welcome");
      this.waiting = this.root.querySelector(".waiting");
      this.input = this.root.querySelector("input");
      this.root.querySelector("form").addEventListener("submit", (event) => {
        event.preventDefault();
        const text = this.input.value.trim();
        if (!text) return;
        this.input.value = "";
        this.makes({ write: text });
      });
      for (const example of this.root.querySelectorAll(".example")) {
        example.addEventListener("click", () => this.makes({ write: example.textContent }));
      }
      const deeds = screen.deeds.map((deed) => button("deed", texts[deed], () => this.makes({ do: deed })));
      deeds.push(button("deed", texts.new, () => this.makes({ new: true })));
      this.root.querySelector(".deeds").append(...deeds);
      this.tab = button("tab", texts[screen.channel], () => choose(screen.channel));
    }

    async makes(gesture) {
      if (!gesture.new) this.since = Date.now();
      try {
        const answer = await fetch(`/phones/${this.channel}`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(gesture),
        });
        if (answer.ok) this.show(await answer.json());
      } catch { /* the next look says what is wrong */ }
    }

    show(screen) {
      if (screen.person !== this.person) {
        this.person = screen.person;
        this.count = 0;
        this.log.replaceChildren(this.welcome);
      }
      const fresh = screen.entries.slice(this.count);
      this.welcome.hidden = screen.entries.length > 0;
      for (const entry of fresh) {
        this.log.append(bubble(this, entry));
        this.count += 1;
      }
      const last = screen.entries.at(-1);
      const asked = last && last.who !== "bot" && last.text !== "not_taken" && !/block$/.test(last.text);
      this.waiting.hidden = !(asked && Date.now() - this.since < WAITING_MS);
      if (fresh.length) this.scroll();
    }

    scroll() {
      // The end is shown, except where a long answer has to be read from its question on.
      const end = this.log.scrollHeight - this.log.clientHeight;
      const asked = [...this.log.querySelectorAll(".said.me, .note")].at(-1);
      this.log.scrollTop = asked ? Math.min(end, asked.offsetTop - 12) : end;
    }
  }

  const choose = (channel) => {
    table.dataset.shown = channel;
    for (const phone of phones.values()) {
      phone.root.classList.toggle("shown", phone.channel === channel);
      phone.tab.setAttribute("aria-pressed", String(phone.channel === channel));
    }
    phones.get(channel).scroll(); // what was not shown could not scroll
  };

  const tell = (how) => {
    if (state.className === how) return;
    state.className = how;
    state.textContent = texts[how];
  };

  const look = async () => {
    try {
      const answer = await fetch("/phones");
      const all = await answer.json();
      tell(all.ready ? "ready" : "starting");
      for (const screen of all.screens) {
        if (!phones.has(screen.channel)) {
          const phone = new Phone(screen);
          phones.set(screen.channel, phone);
          table.append(phone.root);
          tabs.append(phone.tab);
        }
        phones.get(screen.channel).show(screen);
      }
      if (!table.dataset.shown) choose(all.screens[0].channel);
    } catch {
      tell("lost");
    }
    setTimeout(look, POLL_MS);
  };

  look();
})();
