-- common.lua: what the scenarios of this track share.

local common = {}

-- Asks n0 to listen with these options; gives the address.
function common.listen(w, options, at)
    at = at or w:address("n0")
    local body = { type = "listen", host = at.host, port = at.port }
    for k, v in pairs(options) do body[k] = v end
    w:client():ask("n0", body, "1s")
    return at
end

-- A connection that must come about.
function common.connect(w, at, options)
    local s, why = w:connect(at, options)
    if s == nil then
        w:fail { what = "connecting to " .. at.host .. ":" .. at.port, expected = "a connection", seen = why }
    end
    return s
end

-- count connections, begun together.
function common.crowd(w, at, count)
    local all = {}
    for i = 1, count do all[i] = w:begin_connect(at) end
    w:await(count .. " connections stand", "1s", function()
        for i, s in ipairs(all) do
            if not s.connected then return nil, "number " .. i .. ": " .. (s.broken or "not yet") end
        end
        return true
    end)
    return all
end

-- n bytes of every value; after 4096 of them they come again.
function common.noise(w, n)
    local parts, piece = {}, {}
    for i = 1, math.min(n, 4096) do
        piece[#piece + 1] = string.char(w:random(0, 255))
        if #piece == 64 then parts[#parts + 1], piece = table.concat(piece), {} end
    end
    parts[#parts + 1] = table.concat(piece)
    local block = table.concat(parts)
    return n <= 4096 and block or block:rep(n // 4096 + 1):sub(1, n)
end

-- Bytes as they can be read in a failure: at most 60 of them.
function common.shown(bytes)
    local part = #bytes > 60 and bytes:sub(1, 60) or bytes
    part = part:gsub("[%c\128-\255]", function(c) return string.format("\\x%02x", c:byte()) end)
    return part .. (#bytes > 60 and "... (" .. #bytes .. " bytes)" or "")
end

-- Long byte strings are compared by length, first difference, and only then shown.
function common.expect_bytes(w, what, seen, wanted)
    if seen == wanted then return end
    if seen == nil then
        w:fail { what = what, expected = common.shown(wanted), seen = "nothing" }
    end
    local at = 1
    local shorter = math.min(#seen, #wanted)
    local step = 65536
    while at <= shorter and seen:sub(at, at + step - 1) == wanted:sub(at, at + step - 1) do at = at + step end
    while at <= shorter and seen:byte(at) == wanted:byte(at) do at = at + 1 end
    at = math.min(at, shorter + 1)
    w:fail { what = what .. ", from byte " .. at .. " on",
        expected = common.shown(wanted:sub(at)) .. " (" .. #wanted .. " bytes in all)",
        seen = common.shown(seen:sub(at)) .. " (" .. #seen .. " bytes in all)" }
end

-- Receives exactly these bytes.
function common.receive(w, s, what, wanted, timeout)
    local seen, why, rest = s:receive(#wanted, timeout or "1s")
    if seen == nil and rest == "" then
        w:fail { what = what, expected = common.shown(wanted), seen = "nothing: " .. why }
    end
    common.expect_bytes(w, what, seen or rest, wanted)
end

-- A payload with its length in front.
function common.frame(payload) return string.pack(">s4", payload) end

-- Sends bytes cut at these places, half-closes, and expects exactly these bytes and the end.
function common.exchange(w, at, what, bytes, wanted, places)
    local s = common.connect(w, at)
    if places then s:send_pieces(bytes, places, "1ms") else s:send(bytes) end
    s:finish()
    local all, how = s:receive_all("10s")
    common.expect_bytes(w, what, all, wanted)
    w:expect("the end of the stream after " .. what, how, "end")
end

-- The end of the stream, within this time.
function common.ends(w, s, what, within)
    w:expect("the end of " .. what .. ", within " .. within, s:wait_end(within), "end")
end

-- Protocol Buffers, as much of it as the calls of kv.Store need.
local function varint(n)
    local parts = {}
    while n < 0 or n > 127 do
        parts[#parts + 1] = string.char(n & 127 | 128)
        n = n >> 7
    end
    return table.concat(parts) .. string.char(n)
end

function common.pb_number(at, n) return varint(at << 3) .. varint(n) end
function common.pb_bytes(at, b) return varint(at << 3 | 2) .. varint(#b) .. b end
function common.put(key, value) return common.pb_bytes(1, key) .. common.pb_bytes(2, value) end

-- A message as a table from field numbers to numbers and bytes; fails the step if it is none.
function common.pb_read(w, what, b)
    local fields, at = {}, 1
    local function number()
        local n, shift = 0, 0
        repeat
            local byte = b:byte(at)
            if byte == nil then w:fail { what = what, expected = "Protocol Buffers", seen = common.shown(b) } end
            n, at, shift = n | (byte & 127) << shift, at + 1, shift + 7
        until byte < 128
        return n
    end
    while at <= #b do
        local key = number()
        local n = number()
        if key & 7 == 2 then
            fields[key >> 3] = b:sub(at, at + n - 1)
            at = at + n
        else
            fields[key >> 3] = n
        end
    end
    return fields
end

-- A call of kv.Store that must end with this status; gives its first message, read.
function common.rpc(w, h, what, call, status, timeout)
    call.path = "/kv.Store/" .. call.path
    local s = h:call(call)
    return common.rpc_end(w, what, s, status, timeout), s
end

function common.rpc_end(w, what, s, status, timeout)
    local seen, messages, text = s:grpc_end(timeout or "10s")
    if seen ~= status then
        local h = s.connection
        w:fail { what = "the status of " .. what, expected = status, seen = seen and seen .. (text and ", " .. text or "") or
            h.fault or (h.goaway and "GOAWAY, code " .. h.goaway.code) or (s.ended and "none") or messages }
    end
    w:expect("HTTP's status of " .. what, s.status, 200)
    if status ~= 0 then return nil end
    return messages[1] and common.pb_read(w, "the answer to " .. what, messages[1])
end

-- The frames at the front of bytes: fn(kind, flags, stream, payload) for each; gives what is left.
local function each_frame(bytes, fn)
    local at = 1
    while #bytes - at >= 8 do
        local len, kind, flags, stream = string.unpack(">I3I1I1I4", bytes, at)
        if #bytes < at + 8 + len then break end
        fn(kind, flags, stream, bytes:sub(at + 9, at + 8 + len))
        at = at + 9 + len
    end
    return bytes:sub(at)
end

function common.h2_frame(kind, flags, stream, payload)
    return string.pack(">I3I1I1I4", #payload, kind, flags, stream) .. payload
end

-- An HTTP/2 connection whose frames can be changed on their way to the server, and are counted on their way back:
-- wire.change(kind, flags, stream, payload) gives bytes to send instead, or nil; wire.data: bytes of DATA that came; wire.seen:
-- all bytes that came, by kind of frame; wire.pieces: so many bytes at a time. Gives the connection and the wire.
function common.http2(w, at, options, how_to_connect)
    local socket = common.connect(w, at, how_to_connect)
    local wire = { data = 0, seen = {}, came = "", going = "", greeted = false, queue = "" }
    local function transmit(bytes)
        if not wire.pieces then return socket:send(bytes) end
        wire.queue = wire.queue .. bytes
        if wire.busy then return end
        wire.busy = true
        w:spawn(function()
            while wire.queue ~= "" do
                socket:send(wire.queue:sub(1, wire.pieces))
                wire.queue = wire.queue:sub(wire.pieces + 1)
                w:sleep("10us")
            end
            wire.busy = false
        end)
    end
    local function pass(kind, flags, stream, payload)
        local instead = wire.change and wire.change(kind, flags, stream, payload)
        wire.out = wire.out .. (instead or common.h2_frame(kind, flags, stream, payload))
    end
    function wire:send(bytes)
        self.out = ""
        if not self.greeted then
            self.greeted, self.out, bytes = true, bytes:sub(1, 24), bytes:sub(25)
        end
        self.going = each_frame(self.going .. bytes, pass)
        transmit(self.out)
    end
    function wire:on_bytes(take, over)
        socket:on_bytes(function(bytes)
            self.came = each_frame(self.came .. bytes, function(kind, _, _, payload)
                self.seen[kind] = (self.seen[kind] or 0) + #payload + 9
                if kind == 0 then self.data = self.data + #payload end
            end)
            take(bytes)
        end, over)
    end
    wire.socket = socket
    return w:http2(wire, options), wire
end

return common
