import { usePage } from "../shell/page";

export default function Callbacks() {
  usePage("Callbacks", null);
  return null;
}
