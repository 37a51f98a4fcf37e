-- Task 1: bytes in, the same bytes out, whatever happens to the stream on its way.

local common = require "common"

-- Sends the bytes, cut at these places, half-closes, and takes everything that comes back.
local function echoes(w, at, bytes, places)
    local s = common.connect(w, at)
    if places then s:send_pieces(bytes, places, "1ms") else s:send(bytes) end
    s:finish()
    local all, how = s:receive_all("10s")
    common.expect_bytes(w, "the bytes that came back", all, bytes)
    w:expect("the end of the stream", how, "end")
    return s
end

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local at, other

        w:step("it listens, and echoes at once", function()
            at = common.listen(w, { proto = "echo" })
            local s = common.connect(w, at)
            local begun = w:now()
            s:send("hello")
            common.receive(w, s, "the echo", "hello")
            w:expect_near("seconds until the echo is back", w:now() - begun, 0.002, 0.001)
            s:close()
        end)

        w:step("split at every byte", function()
            local vector = "a\0b\r\nc\255" .. common.noise(w, 9)
            for place = 1, #vector - 1 do echoes(w, at, vector, { place }) end
            echoes(w, at, vector, 1)
        end)

        w:step("the end of the stream follows the half-close and the last byte", function()
            local s = echoes(w, at, "the last word")
            w:expect_near("seconds from the last byte to the end", s.ended_at - s.last_at, 0, 0.01)
            s = common.connect(w, at)
            s:finish()
            common.ends(w, s, "a connection that never sent a byte", "10ms")
            s = common.connect(w, at)
            s:send("still")
            w:sleep("200ms")
            w:expect("a connection that is silent for a while", s.ended or false, false)
            s:send(" here")
            common.receive(w, s, "the echo", "still here")
            s:close()
        end)

        w:step("twenty megabytes for a client that reads later", function()
            local bytes = common.noise(w, 20000000)
            local s = common.connect(w, at)
            s:hold()
            s:send(bytes)
            s:finish()
            w:sleep("1s")
            s:go_on()
            local all, how = s:receive_all("10s")
            common.expect_bytes(w, "the bytes that came back", all, bytes)
            w:expect("the end of the stream", how, "end")
        end)

        w:step("ten megabytes in one go", function()
            echoes(w, at, common.noise(w, 10000000))
        end)

        w:step("200 connections, each with bytes of its own", function()
            local all = common.crowd(w, at, 200)
            for round = 1, 3 do
                for i, s in ipairs(all) do s:send("round " .. round .. " of number " .. i .. "\0") end
                w:sleep("5ms")
            end
            for i, s in ipairs(all) do
                local wanted = ""
                for round = 1, 3 do wanted = wanted .. "round " .. round .. " of number " .. i .. "\0" end
                common.expect_bytes(w, "the echo of number " .. i, s:peek(), wanted)
                s:close()
            end
        end)

        w:step("a client that closes or resets ends its own connection and no other", function()
            local steady = common.connect(w, at)
            for i = 1, 40 do
                local s = common.connect(w, at)
                if i % 4 ~= 0 then s:send(common.noise(w, w:pick { 100000, 150000, 300000 })) end
                if i % 2 == 0 then s:close() else s:reset() end
            end
            w:sleep("20ms")
            steady:send("well?")
            common.receive(w, steady, "the echo on another connection", "well?")
            steady:close()
        end)

        w:step("two listeners at the same time", function()
            other = common.listen(w, { proto = "echo" })
            local s, t = common.connect(w, at), common.connect(w, other)
            s:send("one")
            t:send("two")
            common.receive(w, s, "the echo of the first", "one")
            common.receive(w, t, "the echo of the second", "two")
        end)

        w:step("the same port is had again right after a restart", function()
            local s = common.connect(w, at)
            s:send("before")
            common.receive(w, s, "the echo", "before")
            w:kill("n0")
            w:sleep("500ms")
            w:start("n0")
            common.listen(w, { proto = "echo" }, at)
            echoes(w, at, "after")
        end)
    end,
}
