import { usePage } from "../shell/page";

export default function Endpoints() {
  usePage("Endpoints", null);
  return null;
}
