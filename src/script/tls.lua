-- tls.lua: TLS on sockets of the scenario, and an authority of its own that signs certificates.
--
-- A socket under TLS is a socket like any other: it sends, receives, finishes (with a goodbye) and ends. What goes over
-- the wire is told by the socket below it (tls.below).

local env = ...
local sys, World = env.sys, env.World
local misuse, need, show = env.misuse, env.need, env.show

local YEAR = 365 * 24 * 3600
local USAGES = { server = "serverAuth", client = "clientAuth", both = "serverAuth,clientAuth" }
local IDENTITY_OPTIONS = { subject = true, names = true, usage = true, from = true, to = true, serial = true, key = true }
local TLS_OPTIONS = { server = true, identity = true, ca = true, name = true, alpn = true, max = true, timeout = true }

local Authority = {}
Authority.__index = Authority

local function check_options(options, known, what)
    for key in pairs(options) do
        if not known[key] then misuse("%s: there is no option %s", what, tostring(key)) end
    end
end

-- { cert = PEM, key = PEM }, signed by itself.
function World:authority(subject)
    local key = sys.tls_key()
    local cert = sys.tls_certificate({ subject = subject or "eddy's authority", ca = 1, from_s = -YEAR, to_s = 10 * YEAR }, key)
    return setmetatable({ cert = cert, key = key, serial = 1 }, Authority)
end

local function name_text(names)
    local parts = {}
    for _, name in ipairs(names) do
        local kind = name:find("^%d+%.%d+%.%d+%.%d+$") and "IP" or name:find("^%a+://") and "URI" or "DNS"
        parts[#parts + 1] = kind .. ":" .. name
    end
    return #parts > 0 and table.concat(parts, ",") or nil
end

-- { cert = PEM, key = PEM }. Options: subject, names = {"n0", "127.0.1.1", "spiffe://x/y"}, usage = "server", "client" or "both",
-- from and to (seconds from the begin of the run, where the nodes' wall clocks stand at 2025-01-01).
function Authority:certificate(options)
    check_options(need(options, "table", "authority:certificate: the options"), IDENTITY_OPTIONS, "authority:certificate")
    local usage = USAGES[options.usage or "both"]
    if usage == nil then misuse('authority:certificate: usage is "server", "client" or "both", not %s', show(options.usage)) end
    self.serial = self.serial + 1
    local key = options.key or sys.tls_key()
    local names = options.names or {}
    return { key = key, cert = sys.tls_certificate({
        subject = options.subject or names[1] or "nobody", names = name_text(names), usage = usage,
        serial = options.serial or self.serial, from_s = options.from or -24 * 3600, to_s = options.to or YEAR,
    }, key, self.cert, self.key) }
end

---------------------------------------------------------------------------------------------------
-- Sockets.

local function flush(upper)
    local bytes = sys.tls_take(upper.session)
    if bytes ~= "" and not upper.below.closed then upper.below:send(bytes) end
end

local function hear(upper, bytes)
    local plain, state, why = sys.tls_feed(upper.session, bytes)
    flush(upper)
    if state ~= "handshake" and state ~= "failed" and not upper.connected then
        upper.version, upper.alpn, upper.peer = sys.tls_info(upper.session)
        env.socket_came(upper, "connected")
    end
    if plain ~= "" then env.socket_came(upper, "data", plain) end
    if state == "closed" and not upper.ended then env.socket_came(upper, "end") end
    if state == "failed" and not upper.over then env.socket_came(upper, "broken", "", why) end
end

-- The socket under TLS; or nil and why the handshake failed. Options: name = "n0", ca = PEM (without it nobody is looked at),
-- identity = { cert =, key = }, alpn = {"h2"}, max = "1.2", server = true (for sockets of w:listen).
function World:tls(socket, options)
    options = options or {}
    check_options(options, TLS_OPTIONS, "w:tls")
    local identity = options.identity or {}
    local upper = env.new_socket(socket.from)
    upper.below = socket
    upper.session = sys.tls_open { server = options.server, cert = identity.cert, key = identity.key,
        ca = options.ca, name = options.name, alpn = options.alpn, max = options.max }
    upper.transmit = function(bytes)
        sys.tls_write(upper.session, bytes)
        flush(upper)
    end
    upper.act = function(what)
        if what ~= "reset" then
            sys.tls_close(upper.session)
            flush(upper)
        end
        if what == "end" then socket:finish() elseif what == "reset" then socket:reset() else socket:close() end
    end
    socket:on_bytes(function(bytes) hear(upper, bytes) end, function()
        if not upper.ended and not upper.over then env.socket_came(upper, "broken", "", socket.broken or "closed") end
    end)
    hear(upper, "")
    env.socket_wait(upper, options.timeout, "w:tls",
        function(s) return s.connected or s.over end)
    if upper.connected and not upper.over then return upper end
    return nil, upper.broken or "timeout"
end
