import { applyMode, Mode } from "@cloudscape-design/global-styles";

export type Theme = "system" | "light" | "dark";

const KEY = "theme";
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

/** What the viewer has chosen; the system's until then. */
export function chosenTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

export function chooseTheme(theme: Theme) {
  localStorage.setItem(KEY, theme);
  apply();
}

/** From now on, and again when the system's theme changes. */
export function startTheme() {
  apply();
  prefersDark.addEventListener("change", apply);
}

function apply() {
  const theme = chosenTheme();
  const dark = theme === "dark" || (theme === "system" && prefersDark.matches);
  applyMode(dark ? Mode.Dark : Mode.Light);
}
