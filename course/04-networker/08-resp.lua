-- Task 8: the line protocol that Redis speaks, byte for byte.

local common = require "common"

local function bulk(x) return "$" .. #x .. "\r\n" .. x .. "\r\n" end

-- A command as an array of bulk strings.
local function command(...)
    local words = { ... }
    local parts = { "*" .. #words .. "\r\n" }
    for _, word in ipairs(words) do parts[#parts + 1] = bulk(word) end
    return table.concat(parts)
end

local NIL, OK, PROTOCOL = "$-1\r\n", "+OK\r\n", "-ERR protocol\r\n"
local NOT_A_NUMBER = "-ERR value is not an integer or out of range\r\n"
local WRONG_COUNT, UNKNOWN = "-ERR wrong number of arguments\r\n", "-ERR unknown command\r\n"

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local at

        -- Sent in one piece on one connection; each answer is looked at by itself.
        local function talk(pairs_of)
            local s = common.connect(w, at)
            for _, pair in ipairs(pairs_of) do
                s:send(pair[1])
                common.receive(w, s, "the reply to " .. common.shown(pair[1]), pair[2], "10ms")
            end
            s:close()
        end

        w:step("ping, echo, set, get, del, incr", function()
            at = common.listen(w, { proto = "resp" })
            talk {
                { command("PING"), "+PONG\r\n" },
                { command("PING", "hi"), bulk("hi") },
                { command("ECHO", "hello world"), bulk("hello world") },
                { command("SET", "k", "v"), OK },
                { command("GET", "k"), bulk("v") },
                { command("SET", "k", ""), OK },
                { command("GET", "k"), bulk("") },
                { command("DEL", "k", "none", "k"), ":1\r\n" },
                { command("INCR", "n"), ":1\r\n" },
                { command("INCR", "n"), ":2\r\n" },
                { command("GET", "n"), bulk("2") },
            }
        end)

        w:step("a key that is not there is nil, and not empty", function()
            talk { { command("GET", "nobody"), NIL }, { command("DEL", "nobody"), ":0\r\n" } }
        end)

        w:step("values hold any bytes", function()
            local nasty = "a\r\nb\0c\r\n$3\r\nxyz\r\n*1\r\n"
            talk {
                { command("SET", "nasty", nasty), OK },
                { command("GET", "nasty"), bulk(nasty) },
                { command("SET", nasty, "\r\n"), OK },
                { command("GET", nasty), bulk("\r\n") },
            }
        end)

        w:step("split at every byte", function()
            local sent = command("SET", "a\r\n", "1\r\n2") .. "PING\r\n" .. command("GET", "a\r\n") .. command("PING")
            local wanted = OK .. "+PONG\r\n" .. bulk("1\r\n2") .. "+PONG\r\n"
            for place = 1, #sent - 1 do common.exchange(w, at, "the replies", sent, wanted, { place }) end
            common.exchange(w, at, "the replies to single bytes", sent, wanted, 1)
            local long = common.noise(w, 500000)
            talk { { command("ECHO", long), bulk(long) } }
        end)

        w:step("inline commands, and names in any case", function()
            talk {
                { "PING\r\n", "+PONG\r\n" },
                { "ping\n", "+PONG\r\n" },
                { "\r\nPiNg\r\n", "+PONG\r\n" },
                { "sEt  inline   yes \r\n", OK },
                { command("gEt", "inline"), bulk("yes") },
                { command("get", "Inline"), NIL },
                { "*0\r\nPING\r\n", "+PONG\r\n" },
            }
        end)

        w:step("errors leave the connection as it is", function()
            talk {
                { command("FLY", "me"), UNKNOWN },
                { command("PINGS"), UNKNOWN },
                { "fly me\r\n", UNKNOWN },
                { command("GET"), WRONG_COUNT },
                { command("SET", "a"), WRONG_COUNT },
                { command("SET", "a", "b", "c"), WRONG_COUNT },
                { command("DEL"), WRONG_COUNT },
                { command("PING", "a", "b"), WRONG_COUNT },
                { command("SET", "text", "12x"), OK },
                { command("INCR", "text"), NOT_A_NUMBER },
                { command("GET", "text"), bulk("12x") },
                { command("SET", "big", "9223372036854775806"), OK },
                { command("INCR", "big"), ":9223372036854775807\r\n" },
                { command("INCR", "big"), NOT_A_NUMBER },
                { command("GET", "big"), bulk("9223372036854775807") },
                { command("SET", "low", "-1"), OK },
                { command("INCR", "low"), ":0\r\n" },
                { command("PING"), "+PONG\r\n" },
            }
        end)

        w:step("what is malformed ends the connection, after the replies before it", function()
            for _, bad in ipairs {
                "*1\r\n$-1\r\n", "*-5\r\n", "*1\r\n$99999999999999999999\r\n", "*4294967297\r\n", "*x\r\n", "*1\r\n:1\r\n",
                "*1\r\n$4\r\nPINGxx", "*1\r\n$3\r\nPING\r\n", "*2\r\n$4\r\nECHO\r\n$-7\r\n",
            } do
                local s = common.connect(w, at)
                s:send(command("PING") .. bad)
                common.receive(w, s, "the replies before " .. common.shown(bad) .. " and to it", "+PONG\r\n" .. PROTOCOL, "20ms")
                common.ends(w, s, "the connection after " .. common.shown(bad), "20ms")
                s:close()
            end
        end)

        w:step("5,000 commands in one segment", function()
            local sent, wanted = {}, {}
            for i = 1, 5000 do
                sent[i] = i % 10 == 0 and "PING " .. i .. "\r\n" or command("ECHO", "number " .. i)
                wanted[i] = bulk(i % 10 == 0 and tostring(i) or "number " .. i)
            end
            common.exchange(w, at, "the replies", table.concat(sent), table.concat(wanted))
        end)

        w:step("20,000 random commands on three connections equal a model", function()
            local data, s = {}, {}
            for i = 1, 3 do s[i] = common.connect(w, at) end
            local function draw()
                local k, kind = "r" .. w:random(1, 50), w:random(1, 10)
                if kind <= 3 then
                    local v = w:random(1, 3) == 1 and tostring(w:random(-5, 1000)) or any.string { max = 12, alphabet = "ab\r\n\0$*" }
                    data[k] = v
                    return command("SET", k, v), OK
                elseif kind <= 6 then
                    return command("GET", k), data[k] and bulk(data[k]) or NIL
                elseif kind == 7 then
                    local other = "r" .. w:random(1, 50)
                    local n = (data[k] and 1 or 0) + (other ~= k and data[other] and 1 or 0)
                    data[k], data[other] = nil, nil
                    return command("DEL", k, other), ":" .. n .. "\r\n"
                end
                local v = data[k] or "0"
                if not v:match("^-?%d+$") then return command("INCR", k), NOT_A_NUMBER end
                data[k] = tostring(math.tointeger(tonumber(v)) + 1)
                return command("INCR", k), ":" .. data[k] .. "\r\n"
            end
            local left = 20000
            while left > 0 do
                local sent, wanted = {}, {}
                for i = 1, math.min(left, w:random(1, 800)) do sent[i], wanted[i] = draw() end
                left = left - #sent
                local one = w:pick(s)
                local bytes = table.concat(sent)
                one:send_pieces(bytes, { w:random(1, #bytes) }, "1ms")
                common.receive(w, one, "the replies to the next " .. #sent .. " commands", table.concat(wanted))
            end
        end)
    end,
}
