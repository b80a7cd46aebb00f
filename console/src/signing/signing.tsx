import { usePage } from "../shell/page";

export default function Signing() {
  usePage("Signing", null);
  return null;
}
