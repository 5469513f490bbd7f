(() => {
  const unseen = (text) => {
    const span = document.createElement("span");
    span.className = "unseen";
    span.textContent = text;
    return span;
  };
  const add = (element, text, className, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = className;
    button.textContent = text;
    button.addEventListener("click", () => act(button));
    element.after(button);
    return button;
  };

  for (const input of document.querySelectorAll("input[type=password]")) {
    add(input, "Show password", "button-link field-show", (button) => {
      const hidden = input.type === "password";
      input.type = hidden ? "text" : "password";
      button.textContent = hidden ? "Hide password" : "Show password";
    });
    input.form.addEventListener("submit", () => { input.type = "password"; });
  }

  if (!navigator.clipboard) return;
  for (const source of document.querySelectorAll("[data-copy]")) {
    const { copy, copyName } = source.dataset;
    const say = (button, text) => {
      button.textContent = text;
      if (copyName) button.append(unseen(` ${copyName}`));
    };
    say(add(source, copy, "button button-small", async (button) => {
      await navigator.clipboard.writeText(source.textContent);
      say(button, "Copied");
      setTimeout(() => { say(button, copy); }, 2000);
    }), copy);
  }
})();
