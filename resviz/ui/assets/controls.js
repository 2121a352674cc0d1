// A row of settings that the view asks about by itself, without the page around it: the answer is there before the page has
// caught up. Read after dom.js.

class Controls {
  // fields: {name, label, help, kind, choices, low, high, step}; on(name, value) when a person changes one.
  constructor(fields, on) {
    this.inputs = {};
    this.box = el("div", { class: "rv-controls", role: "group", "aria-label": "Settings" }, ...fields.map((field) => {
      const input = field.kind === "choice"
        ? el("select", {}, ...Object.entries(field.choices).map(([value, label]) => el("option", { value }, label)))
        : el("input", field.kind === "int" ? { type: "number", min: field.low, max: field.high, step: field.step } : { type: "text", inputmode: "decimal" });
      input.addEventListener("change", () => on(field.name, input.value.trim()));
      this.inputs[field.name] = input;
      return el("label", { title: field.help }, field.label, input);
    }));
  }

  // What is so now.
  show(values) {
    for (const [name, value] of Object.entries(values)) if (this.inputs[name] && this.inputs[name].value !== value) this.inputs[name].value = value;
  }
}
