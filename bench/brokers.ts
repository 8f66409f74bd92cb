import type { Contestant } from "./server_process.ts";

/** Where Debian and others put servers; not all of it is in everybody's PATH. */
const FOLDERS = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];

/**
 * nats-server, as a browser reaches it: over WebSocket, without compression, as with Earshot.
 *
 * @param folder for its configuration
 * @throws when it is not installed
 */
export function nats(folder: string): Contestant {
  const program = find("nats-server");
  return {
    name: "nats-server",
    warmupSeconds: 2,
    // It takes WebSockets and nothing else.
    readyStatus: 400,
    command: (port) => {
      const path = `${folder}/nats.conf`;
      // A port of the kernel's choice for NATS itself, which nobody uses here.
      Deno.writeTextFileSync(
        path,
        `listen: "127.0.0.1:-1"
max_connections: 10000
websocket { listen: "127.0.0.1:${port}", no_tls: true, compression: false }
`,
      );
      return { program, args: ["--config", path] };
    },
  };
}

/**
 * icecast2 for low latency: nobody is sent a burst of the past. Started by root it becomes nobody,
 * because as root it does not run.
 *
 * @param folder for its configuration
 * @throws when it is not installed
 */
export function icecast(folder: string): Contestant {
  const program = find("icecast2");
  return {
    name: "icecast2",
    warmupSeconds: 2,
    readyStatus: 404,
    command: (port) => {
      const path = `${folder}/icecast.xml`;
      Deno.writeTextFileSync(path, icecastConfiguration(folder, port));
      return { program, args: ["-c", path] };
    },
  };
}

function icecastConfiguration(folder: string, port: number): string {
  const owner = "<changeowner><user>nobody</user><group>nogroup</group></changeowner>";
  return `<icecast>
  <limits>
    <clients>10000</clients>
    <sources>1</sources>
    <burst-on-connect>0</burst-on-connect>
    <burst-size>0</burst-size>
  </limits>
  <authentication>
    <source-password>earshot</source-password>
    <admin-user>admin</admin-user>
    <admin-password>earshot</admin-password>
  </authentication>
  <hostname>127.0.0.1</hostname>
  <listen-socket><bind-address>127.0.0.1</bind-address><port>${port}</port></listen-socket>
  <fileserve>0</fileserve>
  <paths>
    <logdir>${folder}</logdir>
    <webroot>${folder}</webroot>
    <adminroot>${folder}</adminroot>
  </paths>
  <logging><accesslog>-</accesslog><errorlog>-</errorlog><loglevel>1</loglevel></logging>
  <security><chroot>0</chroot>${Deno.uid() === 0 ? owner : ""}</security>
</icecast>
`;
}

/** Where a program is; its Debian package has the same name. */
function find(name: string): string {
  for (const folder of FOLDERS) {
    const path = `${folder}/${name}`;
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch {
      // It is in another one.
    }
  }
  throw new Error(
    `Cannot measure: there is no ${name}; install one with apt-get install ${name}`,
  );
}
