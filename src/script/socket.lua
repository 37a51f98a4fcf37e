-- socket.lua: the other ends of the nodes' sockets: clients that connect, servers that nodes connect to, UDP.
--
-- A part says `network = true` for it. A socket of the scenario has a latency of its own, each way (that of
-- `network = { latency = }`, or 0), and does what the author says byte by byte: pieces, pauses, half-closes, resets, silence.

local env = ...
local sys, World = env.sys, env.World
local misuse, need, show, duration = env.misuse, env.need, env.show, env.duration
local SECOND = env.SECOND
local TIMEOUT = 5 * SECOND

local Socket = {}
Socket.__index = Socket
local Listener = {}
Listener.__index = Listener
local Port = {}
Port.__index = Port

local by_number = {}

---------------------------------------------------------------------------------------------------
-- What comes in. A socket keeps it as a list of pieces until somebody asks.

local wake = env.wake

function env.new_socket(address)
    return setmetatable({ pieces = {}, first = 1, buffered = 0, received = 0, sent = 0,
        from = address, opened_ns = sys.now() }, Socket)
end

local function wrap(number, address)
    local socket = env.new_socket(address)
    socket.number = number
    socket.transmit = function(bytes) sys.net_send(number, bytes) end
    socket.act = function(what) sys.net_do(number, what) end
    by_number[number] = socket
    return socket
end

local function is_over(socket) return socket.ended or socket.broken or socket.over end

local came = {}

function came.connected(socket)
    socket.connected = true
    socket.connected_at = sys.now() / SECOND
end

function came.accepted(listener, _, _, made, host, port)
    local socket = wrap(made, { host = host, port = port })
    came.connected(socket)
    listener.count = listener.count + 1
    sys.spawn(listener.serve, socket)
end

function came.data(socket, bytes, _, _, host, port)
    socket.received = socket.received + #bytes
    socket.last_at = sys.now() / SECOND
    if socket.is_port then
        socket.datagrams[#socket.datagrams + 1] = { bytes = bytes, from = { host = host, port = port } }
        return
    end
    if socket.take_bytes then return socket.take_bytes(bytes) end
    socket.pieces[#socket.pieces + 1] = bytes
    socket.buffered = socket.buffered + #bytes
end

came["end"] = function(socket)
    socket.ended = true
    socket.ended_at = sys.now() / SECOND
end

function came.broken(socket, _, why)
    if why ~= "" or not socket.ended then socket.broken = why == "" and "closed" or why end
    socket.over = true
    socket.broken_at = sys.now() / SECOND
    socket.ended_at = socket.ended_at or socket.broken_at
end

function env.socket_came(socket, what, bytes, why, made, host, port)
    came[what](socket, bytes, why, made, host, port)
    if is_over(socket) and socket.take_end then
        local take_end = socket.take_end
        socket.take_end = nil
        take_end()
    end
    wake(socket)
end

sys.on_net(function(number, ...) env.socket_came(by_number[number], ...) end)

-- Waits until ready(socket) gives something or it cannot come any more; nil after the time.
local function wait(socket, timeout, what, ready)
    local until_ns = env.after(timeout == nil and TIMEOUT or duration(timeout, what))
    while true do
        local found = ready(socket)
        if found then return found end
        if sys.now() >= until_ns then return nil end
        if socket.waiting then misuse("%s: another strand waits for this socket already", what) end
        socket.waiting = sys.self()
        sys.park(until_ns)
        socket.waiting = nil
    end
end

env.socket_wait = wait

---------------------------------------------------------------------------------------------------
-- Reading.

-- The first n bytes of what is buffered, taken out.
local function take(socket, n)
    local parts, left = {}, n
    while left > 0 do
        local piece = socket.pieces[socket.first]
        if #piece <= left then
            parts[#parts + 1] = piece
            left = left - #piece
            socket.pieces[socket.first] = nil
            socket.first = socket.first + 1
        else
            parts[#parts + 1] = piece:sub(1, left)
            socket.pieces[socket.first] = piece:sub(left + 1)
            left = 0
        end
    end
    socket.buffered = socket.buffered - n
    if socket.buffered == 0 then socket.pieces, socket.first = {}, 1 end
    return table.concat(parts)
end

local function all_buffered(socket)
    local all = take(socket, socket.buffered)
    if all ~= "" then socket.pieces, socket.first, socket.buffered = { all }, 1, #all end
    return all
end

-- Why nothing more came: "end", "reset", "refused", "closed", or "timeout".
local function reason(socket)
    if socket.broken then return socket.broken end
    return socket.ended and "end" or "timeout"
end

-- n bytes; or nil, why not, and what there was instead.
function Socket:receive(n, timeout)
    if math.type(n) ~= "integer" or n < 0 then misuse("socket:receive: how many bytes? not %s", show(n)) end
    wait(self, timeout, "socket:receive", function(s) return s.buffered >= n or is_over(s) end)
    if self.buffered >= n then return take(self, n) end
    return nil, reason(self), all_buffered(self)
end

-- Everything up to and with this text; or nil, why not, and what there was instead.
function Socket:receive_until(text, timeout)
    need(text, "string", "socket:receive_until: the text")
    local found
    wait(self, timeout, "socket:receive_until", function(s)
        local _, last = all_buffered(s):find(text, 1, true)
        found = last
        return last or is_over(s)
    end)
    if found then return take(self, found) end
    return nil, reason(self), all_buffered(self)
end

-- A line without its end ("\n", or "\r\n").
function Socket:receive_line(timeout)
    local line, why, rest = self:receive_until("\n", timeout)
    if line == nil then return nil, why, rest end
    return (line:gsub("\r?\n$", ""))
end

-- All until the node sends no more; the second value says how that was: "end", or "reset", "timeout".
function Socket:receive_all(timeout)
    wait(self, timeout, "socket:receive_all", is_over)
    return take(self, self.buffered), reason(self)
end

-- From now on bytes are handed to take(bytes) as they come, and the end of the stream to over(), instead of being kept.
function Socket:on_bytes(take_bytes, over)
    self.take_bytes, self.take_end = take_bytes, over
    if self.buffered > 0 then take_bytes(take(self, self.buffered)) end
end

-- What has come so far, left where it is.
function Socket:peek() return all_buffered(self) end

-- Waits until the node has ended its side: "end", "reset", ..., or nil after the time.
function Socket:wait_end(timeout)
    if wait(self, timeout, "socket:wait_end", is_over) then return reason(self) end
end

---------------------------------------------------------------------------------------------------
-- Writing.

local function check_open(socket, what)
    if socket.closed then misuse("%s: this socket was closed by the scenario", what) end
end

function Socket:send(bytes)
    check_open(self, "socket:send")
    self.transmit(need(bytes, "string", "socket:send: the bytes"))
    self.sent = self.sent + #bytes
end

-- The bytes in pieces that end after the given places ({3, 10}), or in pieces of one size (1), with a pause between.
function Socket:send_pieces(bytes, places, pause)
    if type(places) == "number" then
        local size, list = places, {}
        if math.type(size) ~= "integer" or size < 1 then misuse("socket:send_pieces: pieces of %s bytes?", show(size)) end
        for at = size, #bytes - 1, size do list[#list + 1] = at end
        places = list
    end
    local from = 1
    for _, at in ipairs(places) do
        self:send(bytes:sub(from, at))
        from = at + 1
        sys.sleep_until(sys.now() + duration(pause or "1ms", "socket:send_pieces"))
    end
    self:send(bytes:sub(from))
end

-- We send no more, and may still receive.
function Socket:finish()
    check_open(self, "socket:finish")
    self.act("end")
end

function Socket:close()
    if self.closed then return end
    self.closed = true
    self.act("close")
end

function Socket:reset()
    check_open(self, "socket:reset")
    self.closed = true
    self.act("reset")
end

-- The socket below all layers.
local function number_of(socket)
    while socket.number == nil do socket = socket.below end
    return socket.number
end

-- Reads nothing until go_on(), so that what the node sends fills the buffers on the way.
function Socket:hold() sys.net_hold(number_of(self), true) end

function Socket:go_on() sys.net_hold(number_of(self), false) end

-- Bytes that were sent and for which there is no room on the node's side.
function Socket:unsent() return sys.net_unsent(number_of(self)) end

---------------------------------------------------------------------------------------------------
-- Opening.

local CONNECT_OPTIONS = { from = true, latency = true, timeout = true }

local function address_of(value, what)
    if type(value) ~= "table" or type(value.host) ~= "string" or math.type(value.port) ~= "integer" then
        misuse('%s: an address is { host = "127.0.1.1", port = 7000 }, as w:address() gives it, not %s', what, show(value))
    end
    return value
end

local function latency_ns(w, value, what)
    if value == nil then return w.socket_latency_ns end
    return duration(value, what)
end

-- A fresh address at which the node may listen, or (for a peer) the scenario itself.
function World:address(name)
    if self.node_numbers[name] == nil then misuse("w:address: there is no member %s", show(name)) end
    local host, port = sys.net_address(name)
    return { host = host, port = port }
end

-- Begins to connect, and does not wait: socket.connected, socket.broken tell how it went.
function World:begin_connect(address, options)
    options = options or {}
    for key in pairs(options) do
        if not CONNECT_OPTIONS[key] then misuse("w:connect: there is no option %s", tostring(key)) end
    end
    local from = options.from
    if type(from) == "string" then from = { host = from, port = 0 } end
    from = from or { host = "", port = 0 }
    address = address_of(address, "w:connect")
    return wrap(sys.net_connect(address.host, address.port, from.host, from.port,
        latency_ns(self, options.latency, "w:connect: latency")), from)
end

-- A connection; or nil and why not: "refused", "timeout".
function World:connect(address, options)
    local socket = self:begin_connect(address, options)
    wait(socket, options and options.timeout, "w:connect", function(s) return s.connected or s.broken end)
    if socket.connected then return socket end
    return nil, socket.broken or "timeout"
end

-- The scenario listens; serve(socket) runs in a strand of its own for each connection.
function World:listen(address, serve, options)
    address = address_of(address, "w:listen")
    need(serve, "function", "w:listen: the function that serves")
    local number, host, port = sys.net_listen("tcp", address.host, address.port,
        latency_ns(self, options and options.latency, "w:listen: latency"))
    local listener = setmetatable({ number = number, serve = serve, count = 0, address = { host = host, port = port } }, Listener)
    by_number[number] = listener
    return listener
end

-- Nobody can connect any more; connections that stand remain.
function Listener:close() sys.net_do(self.number, "close") end

-- A UDP port of the scenario: port.address, port:send(address, bytes), port:receive(timeout) -> bytes, address.
function World:udp(address, options)
    address = address and address_of(address, "w:udp") or { host = "127.0.0.1", port = 0 }
    local number, host, port = sys.net_listen("udp", address.host, address.port,
        latency_ns(self, options and options.latency, "w:udp: latency"))
    local made = setmetatable({ number = number, is_port = true, datagrams = {}, received = 0,
        address = { host = host, port = port } }, Port)
    by_number[number] = made
    return made
end

function Port:send(address, bytes)
    address = address_of(address, "port:send")
    sys.net_send(self.number, need(bytes, "string", "port:send: the bytes"), address.host, address.port)
end

function Port:receive(timeout)
    if not wait(self, timeout, "port:receive", function(p) return p.datagrams[1] end) then return nil end
    local first = table.remove(self.datagrams, 1)
    return first.bytes, first.from
end

function Port:close() sys.net_do(self.number, "close") end

function env.open_network(w, latency)
    w.socket_latency_ns = duration(latency, "network: latency")
end
