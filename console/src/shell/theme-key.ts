/** Key of the theme that the user chose, in the browser's storage. */
export const THEME_KEY = "theme";
