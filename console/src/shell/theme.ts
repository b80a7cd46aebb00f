import { applyMode, Mode } from "@cloudscape-design/global-styles";
import { THEME_KEY } from "./theme-key";

export type Theme = "system" | "light" | "dark";

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const printing = matchMedia("print");

/** Returns the theme that the user chose, by default the system's. */
export function chosenTheme(): Theme {
  const stored = localStorage.getItem(THEME_KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

export function chooseTheme(theme: Theme) {
  localStorage.setItem(THEME_KEY, theme);
  apply();
}

/** Applies the theme now, and when the system's theme changes. What is printed is light. */
export function startTheme() {
  apply();
  prefersDark.addEventListener("change", apply);
  printing.addEventListener("change", apply);
}

function apply() {
  const theme = chosenTheme();
  const dark = theme === "dark" || (theme === "system" && prefersDark.matches);
  applyMode(dark && !printing.matches ? Mode.Dark : Mode.Light);
}
