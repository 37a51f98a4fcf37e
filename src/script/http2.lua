-- http2.lua: an HTTP/2 client on a socket of the scenario, and gRPC calls on top of it.
--
-- nghttp2 keeps the rules (h2.c); connection:frame() writes a frame that need not keep them.

local env = ...
local sys, World = env.sys, env.World
local misuse, need = env.misuse, env.need
local SECOND = env.SECOND

local Connection = {}
Connection.__index = Connection
local Stream = {}
Stream.__index = Stream

local OPTIONS = { window = true, header_table = true, max_frame = true, manual = true }

-- What waits to be sent goes out.
local function flush(c)
    local bytes = sys.h2_take(c.session)
    if bytes ~= "" and not c.socket.closed then c.socket:send(bytes) end
end

local wake, wait = env.wake, env.socket_wait

---------------------------------------------------------------------------------------------------
-- What the server does.

local happen = {}

local function now() return sys.now() / SECOND end

function happen.header(s, e)
    local into = s.headers_done and s.trailers or s.headers
    if e.name == ":status" then s.status = tonumber(e.value) end
    into[#into + 1] = { e.name, e.value }
    into.by_name[e.name] = e.value
end

function happen.headers(s)
    if s.headers_done then s.trailers_at = now() end
    if not s.headers_done and (s.status == nil or s.status >= 200) then
        s.headers_done, s.headers_at = true, now()
    end
end

function happen.data(s, e)
    s.parts[#s.parts + 1] = e.bytes
    s.received = s.received + #e.bytes
    s.frames = s.frames + 1
    s.last_at = now()
end

happen["end"] = function(s) s.ended, s.ended_at = true, now() end

function happen.closed(s, e)
    s.closed, s.closed_at = true, now()
    if e.code ~= 0 then s.reset = e.code end
end

local function take_event(c, e)
    local stream = c.streams[e.stream]
    if stream and happen[e.what] then
        happen[e.what](stream, e)
        wake(stream)
    elseif e.what == "goaway" then
        c.goaway = { code = e.code, last = e.last, text = e.text, at = now() }
    elseif e.what == "pong" then
        c.pongs[#c.pongs + 1] = { bytes = e.bytes, at = now() }
    elseif e.what == "settings" then
        c.settings_seen = true
    elseif e.what == "settings_ack" then
        c.settings_acked = (c.settings_acked or 0) + 1
    elseif e.what == "invalid" then
        c.fault = c.fault or e.text
    end
end

local function hear(c, bytes)
    local events, fault = sys.h2_feed(c.session, bytes)
    for _, e in ipairs(events) do take_event(c, e) end
    if fault then c.fault = c.fault or fault end
    flush(c)
    wake(c)
end

---------------------------------------------------------------------------------------------------
-- Connections.

-- Speaks HTTP/2 on a socket from now on: { window = 65535, header_table = 4096, max_frame = 16384, manual = true } (manual: the
-- server may send only what connection:window() and stream:window() grant).
function World:http2(socket, options)
    options = options or {}
    for key in pairs(options) do
        if not OPTIONS[key] then misuse("w:http2: there is no option %s", tostring(key)) end
    end
    local c = setmetatable({ socket = socket, session = sys.h2_open(options), streams = {}, pongs = {} }, Connection)
    socket:on_bytes(function(bytes) hear(c, bytes) end, function()
        c.over = true
        for _, s in pairs(c.streams) do
            s.closed = true
            wake(s)
        end
        wake(c)
    end)
    flush(c)
    return c
end

local function header_list(request)
    local list = {
        { ":method", request.method or "GET" }, { ":scheme", request.scheme or "http" },
        { ":path", request.path or "/" }, { ":authority", request.authority or "eddy.test" },
    }
    for _, h in ipairs(request.headers or {}) do list[#list + 1] = { h[1], h[2] } end
    return list
end

-- { method =, path =, headers = { {name, value}, ... }, body = text or nil, open = true: more of the body follows }
function Connection:begin(request)
    need(request, "table", "connection:begin: the request")
    local body = request.body
    if body == nil and request.open then body = "" end
    local s = setmetatable({ connection = self, headers = { by_name = {} }, trailers = { by_name = {} }, parts = {},
        received = 0, frames = 0, begun_at = now() }, Stream)
    s.id = sys.h2_request(self.session, header_list(request), body, not request.open)
    self.streams[s.id] = s
    flush(self)
    return s
end

-- The answer: { status =, headers =, body =, trailers = } (headers by name in .by_name); or nil and why not.
function Connection:request(request, timeout)
    return self:begin(request):answer(timeout)
end

function Connection:ping(bytes, timeout)
    local count = #self.pongs
    sys.h2_ping(self.session, bytes or "eddyeddy")
    flush(self)
    return wait(self, timeout, "connection:ping", function() return self.pongs[count + 1] or self.over and nil end)
end

function Connection:settings(settings)
    sys.h2_settings(self.session, settings)
    flush(self)
end

-- The server may send so many bytes more on all streams together.
function Connection:window(bytes)
    sys.h2_window(self.session, 0, bytes)
    flush(self)
end

-- A frame as it stands: connection:frame(type, flags, stream, payload).
function Connection:frame(kind, flags, stream, payload)
    self.socket:send(string.pack(">I3I1I1I4", #payload, kind, flags, stream) .. payload)
end

-- Waits until the server has said goodbye: { code =, last = }, or nil.
function Connection:wait_goaway(timeout)
    return wait(self, timeout, "connection:wait_goaway", function() return self.goaway end)
end

function Connection:wait_close(timeout)
    return wait(self, timeout, "connection:wait_close", function() return self.over end) ~= nil
end

---------------------------------------------------------------------------------------------------
-- Streams.

function Stream:send(bytes, ended)
    sys.h2_send(self.connection.session, self.id, need(bytes, "string", "stream:send: the bytes"), ended or false)
    flush(self.connection)
end

function Stream:finish() self:send("", true) end

function Stream:cancel(code)
    sys.h2_reset(self.connection.session, self.id, code or 8)
    flush(self.connection)
end

function Stream:window(bytes)
    sys.h2_window(self.connection.session, self.id, bytes)
    flush(self.connection)
end

function Stream:body() return table.concat(self.parts) end

-- Waits for the whole answer.
function Stream:answer(timeout)
    wait(self, timeout, "stream:answer", function() return self.ended or self.closed end)
    if self.reset then return nil, "reset", self.reset end
    if not self.ended then return nil, self.closed and "closed" or "timeout" end
    return { status = self.status, headers = self.headers, body = self:body(), trailers = self.trailers }
end

-- Waits until so many bytes of the body have come.
function Stream:wait_bytes(count, timeout)
    return wait(self, timeout, "stream:wait_bytes", function()
        return self.received >= count or self.ended or self.closed
    end) ~= nil and self.received >= count
end

---------------------------------------------------------------------------------------------------
-- gRPC: messages with a prefix of five bytes, the status in the trailers.

function World:grpc_message(bytes, compressed)
    return string.pack(">I1I4", compressed and 1 or 0, #bytes) .. bytes
end

-- The messages in a body; and what is left over.
function World:grpc_messages(body)
    local messages, at = array {}, 1
    while at + 4 <= #body do
        local _, len = string.unpack(">I1I4", body, at)
        if at + 4 + len > #body then break end
        messages[#messages + 1] = body:sub(at + 5, at + 4 + len)
        at = at + 5 + len
    end
    return messages, body:sub(at)
end

-- Begins a call: { path =, message = bytes or nil, metadata = { {name, value}, ... }, timeout = "100m", open = true }
function Connection:call(call)
    local headers = { { "content-type", "application/grpc" }, { "te", "trailers" } }
    if call.timeout then headers[#headers + 1] = { "grpc-timeout", call.timeout } end
    for _, h in ipairs(call.metadata or {}) do headers[#headers + 1] = h end
    return self:begin { method = "POST", path = call.path, headers = headers, open = call.open,
        body = call.message and World:grpc_message(call.message) or "" }
end

-- The end of a call: status (a number, or nil and why), messages, the text of the status.
function Stream:grpc_end(timeout)
    local answer, why, code = self:answer(timeout)
    if answer == nil then return nil, why, code end
    local last = answer.trailers.by_name["grpc-status"] and answer.trailers or answer.headers
    return tonumber(last.by_name["grpc-status"]), World:grpc_messages(answer.body), last.by_name["grpc-message"]
end
