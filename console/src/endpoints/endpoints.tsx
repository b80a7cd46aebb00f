import { useParams } from "react-router";
import { EndpointDetail } from "./detail";
import { EndpointList } from "./list";

export default function Endpoints() {
  const { endpointID } = useParams();
  return endpointID ? <EndpointDetail key={endpointID} endpointID={endpointID} /> : <EndpointList />;
}
