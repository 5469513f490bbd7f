(() => {
  const add = (element, text, className, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = className;
    button.textContent = text;
    button.addEventListener("click", () => act(button));
    element.after(button);
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
    add(source, source.dataset.copy, "button button-small", async (button) => {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = source.dataset.copy; }, 2000);
    });
  }
})();
