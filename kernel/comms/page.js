// Connects the page that runs it to the kernel: makes globalThis.gonb_comm, by
// which GoNB's widgets and users' scripts exchange values with Go programs:
//
//   send(address, value), subscribe(address, callback(address, value)) -> symbol,
//   unsubscribe(symbol), newSyncedVariable(address, value), close()
//
// and by which scripts reach what a cell has given to package comm's Handle:
//
//   open(target, data, receive(data), closed()) -> {send(data), close()}
//
// It may run again: a page that is connected only says hello. See page.go.
(config) => {
  "use strict";
  const connections = globalThis.modelbook_connections ??= {}; // by kernel: a page may show several notebooks
  const before = connections[config.kernel];
  if (before?._key === config.key) {
    globalThis.gonb_comm = before;
    before.debug = config.debug;
    before._hello();
    return;
  }
  before?.close(); // the kernel was restarted
  const log = (...what) => { if (comm.debug) console.log("gonb_comm:", ...what); };

  const unique = () => [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16).padStart(2, "0")).join("");

  // Ways to the kernel. Each returns null where it does not lead there, or
  // opens a comm: open(target, data, receive, closed(reached)) -> {send(data), close()}.

  // The classic Notebook's connection.
  const classic = () => {
    const manager = globalThis.Jupyter?.notebook?.kernel?.comm_manager;
    if (!manager) return null;
    return (target, data, receive, closed) => {
      const channel = manager.new_comm(target, data);
      channel.on_msg(m => receive(m.content.data));
      channel.on_close(() => closed(true));
      return {
        send: d => { channel.send(d); },
        close: () => { channel.close(); manager.unregister_comm(channel); },
      };
    };
  };

  // The connection of JupyterLab or Notebook 7, where the application is exposed.
  const application = () => {
    const shell = globalThis.jupyterapp?.shell;
    if (!shell?.widgets) return null;
    for (const widget of shell.widgets("main")) {
      const kernel = (widget.sessionContext ?? widget.context?.sessionContext)?.session?.kernel;
      if (kernel?.id !== config.kernel || kernel.handleComms === false) continue; // another connection has the comms
      return (target, data, receive, closed) => {
        const channel = kernel.createComm(target);
        channel.onMsg = m => receive(m.content.data);
        channel.onClose = () => closed(true);
        channel.open(data);
        return {
          send: d => { channel.send(d); },
          close: () => { if (!channel.isDisposed) channel.close(); },
        };
      };
    }
    return null;
  };

  // A connection of our own to the server of the page, for all comms.
  const server = () => {
    let page = {};
    try {
      page = JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "{}");
    } catch { /* then as if there were none */ }
    const base = page.baseUrl ?? document.body?.dataset?.baseUrl;
    if (!base || !config.kernel) return null; // not a page of a Jupyter server
    const url = new URL(page.wsUrl || base, document.location.href);
    url.protocol = url.protocol.replace(/^http/, "ws");
    url.pathname = url.pathname.replace(/\/*$/, "/api/kernels/" + encodeURIComponent(config.kernel) + "/channels");
    if (page.token) url.searchParams.set("token", page.token);
    const channels = new Map(); // what is open, by the comm's identifier
    let socket = null, session = "", waiting = [];
    const connect = () => {
      const own = socket = new WebSocket((url.searchParams.set("session_id", session = unique()), url));
      let reached = false;
      waiting = [];
      own.onopen = () => {
        reached = true;
        for (const message of waiting.splice(0)) own.send(message);
        release();
      };
      own.onclose = () => {
        if (socket !== own) return; // closed from this side
        socket = null;
        for (const channel of [...channels.values()]) channel.end(reached);
      };
      own.onmessage = event => {
        if (typeof event.data !== "string") return; // with buffers: not ours
        const message = JSON.parse(event.data);
        const channel = channels.get(message.content?.comm_id);
        if (message.header.msg_type === "comm_msg") channel?.receive(message.content.data);
        if (message.header.msg_type === "comm_close") { channel?.end(true); release(); }
      };
    };
    const release = () => {
      if (channels.size > 0) return;
      const own = socket;
      socket = null;
      own?.close();
    };
    const send = (kind, content) => {
      const header = { msg_id: unique(), msg_type: kind, username: "", session, date: new Date().toISOString(), version: "5.3" };
      const message = JSON.stringify({ header, parent_header: {}, metadata: {}, content, channel: "shell", buffers: [] });
      if (socket?.readyState === WebSocket.CONNECTING) waiting.push(message);
      else socket?.send(message);
    };
    return (target, data, receive, closed) => {
      const id = unique();
      channels.set(id, { receive, end: reached => { if (channels.delete(id)) closed(reached); } });
      if (!socket) connect();
      send("comm_open", { comm_id: id, target_name: target, data });
      return {
        send: d => { if (channels.has(id)) send("comm_msg", { comm_id: id, data: d }); },
        close: () => {
          if (!channels.delete(id)) return;
          send("comm_close", { comm_id: id, data: {} });
          if (socket?.readyState === WebSocket.OPEN) release();
        },
      };
    };
  };

  let own = null;
  const way = () => classic() ?? application() ?? (own ??= server());

  let channel = null, closed = false, proven = false, failures = 0;
  const subscribers = new Map(); // address -> Map(symbol -> callback)
  const addresses = new Map(); // symbol -> address
  const variables = new Map(); // address -> the variable made last

  // A variable of the page and the program: what one sets, the other is told.
  class SyncedVariable {
    #address; #value = null; #callbacks = new Map();
    constructor(address, value) {
      this.#address = address;
      comm.subscribe(address, (_, v) => this.#assign(v));
      this.set(value);
    }
    #assign(value) {
      if (this.#value === value) return false;
      this.#value = value;
      for (const callback of [...this.#callbacks.values()]) attempt(callback, value);
      return true;
    }
    set(value) { if (this.#assign(value)) comm.send(this.#address, value); }
    get() { return this.#value; }
    subscribe(callback) {
      const symbol = Symbol(this.#address);
      this.#callbacks.set(symbol, callback);
      return symbol;
    }
    unsubscribe(symbol) { this.#callbacks.delete(symbol); }
  }

  // An error in one listener is not to keep the value from the others.
  const attempt = (callback, ...args) => {
    try { callback(...args); } catch (error) { console.error("gonb_comm: a listener failed:", error); }
  };

  const run = code => {
    const element = document.createElement("script");
    element.textContent = code;
    document.head.appendChild(element).remove();
  };

  const receive = data => {
    const { address, value } = data ?? {};
    log("received", address, value);
    if (data?.read_request) {
      const variable = variables.get(address);
      if (variable) comm.send(address, variable.get());
      else console.error(`gonb_comm: the program reads ${address}, which no variable is synced with`);
    } else if (address === "#heartbeat/ping") {
      comm.send("#heartbeat/pong", true);
    } else if (address === "#modelbook/run") {
      globalThis.gonb_comm = comm; // the script means this kernel
      run(value);
    } else {
      for (const callback of [...subscribers.get(address)?.values() ?? []]) attempt(callback, address, value);
    }
  };

  // connect opens the comm. One that breaks, on a network that does, is opened
  // again; not one that never reached a kernel: the notebook may be a stored one.
  const connect = () => {
    const open = way();
    if (!open) {
      console.warn("gonb_comm: this page gives its scripts no way to the kernel; widgets will not answer");
      return;
    }
    const opened = Date.now();
    channel = open("gonb_comm", { key: config.key }, receive, reached => {
      channel = null;
      proven ||= reached;
      if (Date.now() - opened > 60_000) failures = 0;
      if (!closed && proven && failures < 6) setTimeout(() => { if (!closed && !channel) connect(); }, 500 * 2 ** failures++);
    });
  };

  const comm = {
    debug: config.debug,
    _key: config.key,
    _hello() { if (channel) comm.send("#modelbook/hello", true); else connect(); },
    send(address, value) {
      log("sent", address, value);
      if (channel) channel.send({ address, value });
      else console.error(`gonb_comm: not connected; a value for ${address} is lost`);
    },
    subscribe(address, callback) {
      const symbol = Symbol(address);
      if (!subscribers.has(address)) subscribers.set(address, new Map());
      subscribers.get(address).set(symbol, callback);
      addresses.set(symbol, address);
      return symbol;
    },
    unsubscribe(symbol) {
      const address = addresses.get(symbol);
      addresses.delete(symbol);
      subscribers.get(address)?.delete(symbol);
      if (subscribers.get(address)?.size === 0) subscribers.delete(address);
    },
    newSyncedVariable(address, value) {
      const variable = new SyncedVariable(address, value);
      variables.set(address, variable);
      return variable;
    },
    open(target, data, receive, closed) {
      const open = way();
      if (!open) throw new Error("gonb_comm: this page gives its scripts no way to the kernel");
      return open(target, data ?? {}, data => attempt(receive ?? (() => {}), data), () => closed?.());
    },
    close() {
      closed = true;
      channel?.close();
      channel = null;
      if (connections[config.kernel] === comm) delete connections[config.kernel];
      if (globalThis.gonb_comm === comm) delete globalThis.gonb_comm;
    },
  };
  connections[config.kernel] = comm;
  globalThis.gonb_comm = comm;
  connect();
}
