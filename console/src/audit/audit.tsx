import { usePage } from "../shell/page";

export default function Audit() {
  usePage("Audit", null);
  return null;
}
