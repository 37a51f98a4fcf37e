-- Task 1: a set on one node. Twenty clients broadcast 5,000 values; the network doubles one request in ten.

local common = require "common"

local CLIENTS, VALUES = 20, 5000
local ODD = { "", "1", 1, "01", "1.0", "true", "null", "[1]", "a b", "grüße", "\"quoted\"", "line\nbreak", 0, -1,
    9007199254740991, -9007199254740991, 4294967296, "9007199254740993", "12345678901234567890", "0x10", "1e3" }

-- What must hold for one read: no value twice, none invented, and none of `sure` missing.
local function judge(w, list, call, sent, sure, sure_count)
    local held = {}
    for _, value in ipairs(list) do
        if held[value] then w:fail { what = "the values of a read", expected = "each value once",
            seen = json_text(value) .. " twice", about = call } end
        if not sent[value] then w:fail { what = "the values of a read", expected = "values that were broadcast",
            seen = json_text(value) .. ", which nobody broadcast", about = call } end
        held[value] = true
    end
    for i = 1, sure_count do
        if not held[sure[i]] then
            w:fail { what = "the values of a read", about = call, seen = "not among " .. #list .. " values",
                expected = json_text(sure[i]) .. ", since its broadcast_ok came before the read was sent" }
        end
    end
end

return task {
    nodes = 1,
    run = function(w)
        local c, sent, acknowledged = w:client(), {}, {}

        local function broadcast(client, value)
            sent[value] = true
            common.broadcast(client, "n0", value)
            acknowledged[#acknowledged + 1] = value
        end
        local function read(client)
            local before = #acknowledged
            local _, list, call = common.read(w, client, "n0")
            judge(w, list, call, sent, acknowledged, before)
        end

        w:step("topology is answered", function()
            c:ask("n0", { type = "topology", topology = { n0 = array {} } }, common.AT_ONCE)
        end)

        w:step("a node that was told nothing has no values", function()
            w:expect("the values", c:ask("n0", { type = "read" }, common.AT_ONCE).messages, array {})
        end)

        w:step("values come back as they were sent, strings and large integers too", function()
            for _, value in ipairs(ODD) do broadcast(c, value) end
            read(c)
        end)

        w:step("a value that comes again is acknowledged again, and there once", function()
            for _ = 1, 3 do common.broadcast(c, "n0", "again") end
            sent["again"] = true
            read(c)
        end)

        w:rule { type = "broadcast", duplicate = { "3ms" }, where = function() return w:random(1, 10) == 1 end }
        w:step("a read sent after a broadcast_ok has that value; none twice, none invented", function()
            local crowd = {}
            for i = 1, CLIENTS do crowd[i] = w:client() end
            w:all(crowd, function(client, place)
                for i = 1, VALUES // CLIENTS do
                    local number = i * CLIENTS + place
                    broadcast(client, number % 2 == 0 and number * 1000003 or "value " .. number)
                    if i % 50 == 0 then read(client) end
                    if i % 5 == 0 then w:sleep(w:random(1, 9) / 1000) end
                end
            end)
        end)

        w:step("at the end each value is there exactly once", function()
            w:sleep("1s")
            read(c)
            local _, list = common.read(w, c, "n0")
            local count = 0
            for _ in pairs(sent) do count = count + 1 end
            w:expect("how many values the node holds", #list, count)
        end)
    end,
}
