import Modal from "@cloudscape-design/components/modal";

export default function CallbacksDialog() {
  return <Modal visible header="Instance Callback URLs" />;
}
