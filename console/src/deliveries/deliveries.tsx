import { usePage } from "../shell/page";

export default function Deliveries() {
  usePage("Deliveries", null);
  return null;
}
