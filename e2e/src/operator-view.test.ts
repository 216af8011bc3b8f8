import {
  BRIDGE,
  type Lab,
  Namespace,
  PLAN,
  routerConfiguration,
  Scope,
  startFrr,
  startLab,
  until,
} from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRenewal, untilSettled, writesOf } from "./allocation/idle.ts";
import { labAssets } from "./assets.ts";
import { requestsOfHerald } from "./herald-requests.ts";
import { untilAddresses } from "./lab-service.ts";

const assets = labAssets();
/** The seconds for which the cluster is left alone. */
const IDLE_SECONDS = Number(process.env["HERALD_IDLE_SECONDS"] ?? 60);
/** A router that demands the TCP MD5 password `right`. */
const LOCKED = `${PLAN.segment4}.30`;
/** An address on the segment that nothing has. */
const NOBODY = `${PLAN.segment4}.99`;
const SECONDS = { timeoutMs: 30_000, everyMs: 200 };

const peer = (name: string, address: string, more = "", myAsn = PLAN.clusterAs): string => `
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: ${name}, namespace: metallb-system}
spec: {myASN: ${myAsn}, peerASN: ${PLAN.routerAs}, peerAddress: "${address}"${more}}
---`;
const secret = (name: string, password: string): string => `
apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: metallb-system}
type: kubernetes.io/basic-auth
stringData: {password: ${password}}
---`;
const object = (kind: string, name: string, spec: string): string => `
apiVersion: metallb.io/v1beta1
kind: ${kind}
metadata: {name: ${name}, namespace: metallb-system}
spec: ${spec}
---`;
const SERVICE = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec:
  type: LoadBalancer
  ipFamilyPolicy: RequireDualStack
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
`;

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

describe.skipIf(assets === null)("kubectl get, for an operator of three nodes", () => {
  let scope: Scope;
  let lab: Lab;

  /** The rows of a table of `kubectl get` in Herald's namespace, by name: the cells under each heading. */
  const table = async (kind: string): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> => {
    const text = await lab.cluster.kubectl(["get", kind, "-n", "metallb-system"]);
    const [heading = "", ...lines] = text.split("\n").filter((line) => line !== "");
    const names = [...heading.matchAll(/\S+(?: \S+)*/g)].map(({ 0: name, index }) => ({ name, index }));
    const cellsOf = (line: string): Readonly<Record<string, string>> =>
      Object.fromEntries(
        names.map(({ name, index }, at) => [name, line.slice(index, names[at + 1]?.index).trim()] as const),
      );
    return new Map(lines.map(cellsOf).map((cells) => [cells["NAME"] ?? "", cells]));
  };

  /** The condition Established of a BGPPeer, once it has this reason. */
  const untilEstablished = (name: string, reason: string): Promise<Condition> =>
    until(
      `BGPPeer ${name} to say ${reason}`,
      async () => {
        const text = await lab.cluster.kubectl(["get", "bgppeer", name, "-n", "metallb-system", "-o", "json"]);
        const { status } = JSON.parse(text) as { readonly status?: { readonly conditions?: readonly Condition[] } };
        const condition = status?.conditions?.find(({ type }) => type === "Established");
        return condition?.reason === reason && condition;
      },
      SECONDS,
    ).catch(async (error: unknown) => {
      throw new Error(
        `${String(error)}\n${await lab.cluster.kubectl(["describe", "bgppeer", name, "-n", "metallb-system"])}`,
      );
    });

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    const { segment, nodes, router } = lab.topology;
    const locked = await Namespace.create(scope, "locked");
    await locked.connect(
      { interface: "eth0", addresses: [`${LOCKED}/24`] },
      { namespace: segment, name: BRIDGE, port: "p-locked" },
    );
    const neighbors = nodes.map(({ ipv4 }) => ipv4);
    const extra = neighbors.map((neighbor) => ` neighbor ${neighbor} password right`);
    const identity = { as: PLAN.routerAs, peerAs: PLAN.clusterAs, routerId: LOCKED };
    await startFrr(scope, locked, routerConfiguration({ ...identity, neighbors, extra }));
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(
      [
        object("IPAddressPool", "segment", `{addresses: ${JSON.stringify(PLAN.layer2Pool)}}`),
        object("L2Advertisement", "segment", "{ipAddressPools: [segment]}"),
        object("L2Advertisement", "nothing", "{ipAddressPools: [missing]}"),
        object("BGPAdvertisement", "all", "{}"),
        secret("wrong", "wrong"),
        peer("right", router.ipv4),
        peer("wrong-as", router.ipv6, "", 64_999),
        peer("wrong-password", LOCKED, ", passwordSecret: {name: wrong}"),
        peer("no-secret", `${PLAN.segment4}.98`, ", passwordSecret: {name: missing}"),
        peer("unreachable", NOBODY),
        SERVICE,
      ].join(""),
    );
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
  }, 180_000);
  afterAll(() => scope.close());

  it("says on each BGPPeer how many nodes have the session, and why the others have none", async () => {
    expect(await untilEstablished("right", "Established")).toMatchObject({
      status: "True",
      message: "3 of 3 nodes have the session",
    });
    const refusal = "0 of 3 nodes have the session. node-a, node-b, node-c: ";
    expect(await untilEstablished("wrong-as", "BadPeerAS")).toMatchObject({
      status: "False",
      message: `${refusal}OpenSent, the router sent NOTIFICATION 2/2, OPEN Message Error / Bad Peer AS: the router expects another AS than 64999 of spec.myASN or spec.localASN`,
    });
    expect(await untilEstablished("no-secret", "SecretMissing")).toMatchObject({
      status: "False",
      message: `${refusal}Idle, Secret metallb-system/missing is missing: Herald opens no session until spec.passwordSecret names a usable one`,
    });
    expect((await untilEstablished("unreachable", "Unreachable")).message).toMatch(
      `${refusal}Connect, no way to ${NOBODY}:179: `,
    );
    const { message } = await untilEstablished("wrong-password", "NoAnswer");
    expect(message).toMatch(`${refusal}Connect, no answer from ${LOCKED}:179 within 10 s: `);
    expect(message).toContain("or the TCP MD5 password is wrong");

    const cells = [...(await table("bgppeers"))].map(([name, row]) => [
      name,
      row["ASN"],
      row["MY ASN"],
      row["SESSIONS"],
      row["REASON"],
      row["ACCEPTED"],
    ]);
    expect(cells).toEqual([
      ["no-secret", "64500", "64501", "0/3", "SecretMissing", "True"],
      ["right", "64500", "64501", "3/3", "Established", "True"],
      ["unreachable", "64500", "64501", "0/3", "Unreachable", "True"],
      ["wrong-as", "64500", "64999", "0/3", "BadPeerAS", "True"],
      ["wrong-password", "64500", "64501", "0/3", "NoAnswer", "True"],
    ]);
  }, 90_000);

  it("says of pools, advertisements and announcements what they do", async () => {
    const [ipv4 = "", ipv6 = ""] = await untilAddresses(lab, "web", 2);
    const pool = await until("the counts of the pool", async () => {
      const row = (await table("ipaddresspools")).get("segment");
      return row?.["IPV4 USED"] === "1" && row;
    });
    expect(pool).toMatchObject({
      ACCEPTED: "True",
      "IPV4 USED": "1",
      "IPV4 FREE": "50",
      "IPV6 USED": "1",
      "IPV6 FREE": "255",
    });
    expect((await table("l2advertisements")).get("segment")).toMatchObject({
      PROGRAMMED: "True",
      REASON: "PoolsSelected",
    });
    expect((await table("l2advertisements")).get("nothing")).toMatchObject({
      PROGRAMMED: "False",
      REASON: "NoPoolSelected",
    });
    expect((await table("bgpadvertisements")).get("all")).toMatchObject({ PROGRAMMED: "True" });
    const [status] = await until("the announcement", async () => {
      const rows = [...(await table("servicel2statuses")).values()];
      return rows.length === 1 && rows;
    });
    expect(status).toMatchObject({ "SERVICE NAME": "web", ADDRESSES: JSON.stringify([ipv4, ipv6]) });
    expect(status?.["ALLOCATED NODE"]).toMatch(/^node-[abc]$/);
    expect(status?.["SINCE"]).toMatch(/^\d+[smh]/);
    for (const kind of ["bgppeers", "ipaddresspools", "l2advertisements", "bgpadvertisements", "servicel2statuses"])
      process.stdout.write(`${await lab.cluster.kubectl(["get", kind, "-n", "metallb-system"])}\n`);
  }, 60_000);

  it(
    "sees no write but Lease renewals in an idle minute, with sessions that stand and others that are tried again and again",
    async () => {
      await untilSettled(lab);
      const since = Date.now();
      await new Promise((resolve) => void setTimeout(resolve, IDLE_SECONDS * 1_000));
      const requests = requestsOfHerald(lab, since);
      expect(writesOf(requests)).toEqual([]);
      expect(requests.filter(isRenewal).length).toBeGreaterThan(0);
    },
    (IDLE_SECONDS + 90) * 1_000,
  );

  it("follows what an operator mends, and a node that goes", async () => {
    await lab.cluster.apply(secret("wrong", "right") + peer("wrong-as", lab.topology.router.ipv6));
    for (const name of ["wrong-password", "wrong-as"])
      expect(await untilEstablished(name, "Established")).toMatchObject({ message: "3 of 3 nodes have the session" });
    await lab.speakers.get("node-c")?.stop("SIGTERM");
    expect(await untilEstablished("right", "SpeakerStopped")).toMatchObject({
      status: "False",
      message: "2 of 3 nodes have the session. node-c: Idle, the speaker of the node has stopped",
    });
    await lab.cluster.kubectl(["delete", "node", "node-c"]);
    expect(await untilEstablished("right", "Established")).toMatchObject({ message: "2 of 2 nodes have the session" });
  }, 120_000);
});
