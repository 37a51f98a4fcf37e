-- observe.lua: the messages there were: lists, counts, bytes.

local env = ...
local sys, World = env.sys, env.World
local misuse, show = env.misuse, env.show

local FIELDS = { from = true, to = true, type = true, since = true, ["until"] = true, from_kind = true,
    to_kind = true, where = true, received = true }
local KINDS = { node = true, client = true, service = true }

-- Times are seconds as w:now() gives them: rounded, or what happened at that very instant might be left out.
local function to_ns(seconds) return math.floor(seconds * env.SECOND + 0.5) end

-- The author's filter as sys wants it.
local function read_filter(w, filter, name)
    filter = filter or {}
    if type(filter) ~= "table" then misuse("w:%s: a filter is a table such as { from = \"n0\" }", name) end
    for key in pairs(filter) do
        if not FIELDS[key] then misuse("w:%s: messages cannot be chosen by `%s`", name, tostring(key)) end
    end
    for _, key in ipairs { "from_kind", "to_kind" } do
        if filter[key] ~= nil and not KINDS[filter[key]] then
            misuse('w:%s: %s is "node", "client" or "service", not %s', name, key, show(filter[key]))
        end
    end
    for _, key in ipairs { "from", "to", "type" } do
        if filter[key] ~= nil and type(filter[key]) ~= "string" then
            misuse("w:%s: %s must be a text, not %s", name, key, show(filter[key]))
        end
    end
    for _, key in ipairs { "since", "until" } do
        if filter[key] ~= nil and type(filter[key]) ~= "number" then
            misuse("w:%s: %s is a time in seconds as w:now() gives it, not %s", name, key, show(filter[key]))
        end
    end
    return { from = filter.from, to = filter.to, type = filter.type, from_kind = filter.from_kind,
        to_kind = filter.to_kind, since_ns = filter.since and to_ns(filter.since),
        until_ns = filter["until"] and to_ns(filter["until"]) }
end

-- Calls fn(message) for each that passes.
local function each(w, filter, name, fn)
    local read = read_filter(w, filter, name)
    local where, received = filter and filter.where, filter and filter.received
    local id = sys.find(read, 0)
    while id ~= nil do
        local m = sys.message(id)
        if (not received or m.received_at ~= nil) and (where == nil or where(m)) then fn(m) end
        id = sys.find(read, id + 1)
    end
end

function World:sent(filter)
    local list = array {}
    each(self, filter, "sent", function(m) list[#list + 1] = m end)
    return list
end

local function add_up(w, filter, name)
    if filter == nil or filter.where == nil and filter.received == nil then
        return sys.count(read_filter(w, filter, name))
    end
    local count, bytes = 0, 0
    each(w, filter, name, function(m) count, bytes = count + 1, bytes + m.bytes end)
    return count, bytes
end

function World:count(filter) return (add_up(self, filter, "count")) end

function World:bytes(filter) return (select(2, add_up(self, filter, "bytes"))) end
