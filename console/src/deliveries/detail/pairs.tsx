interface Props {
  label: string;
  pairs: { name: string; value: string }[];
}

/** A plain table of names and values. */
export function Pairs({ label, pairs }: Props) {
  return (
    <table className="pairs" aria-label={label}>
      <tbody>
        {pairs.map(({ name, value }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a header may occur twice
          <tr key={index}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
