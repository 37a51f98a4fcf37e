-- A server that gives bytes back, at the other end of every kind of peer.

local function listen(w)
    local at = w:address("n0")
    w:client():ask("n0", { type = "listen", host = at.host, port = at.port })
    return at
end

local function echoes(w, at, bytes, places)
    local s = w:connect(at)
    if places then s:send_pieces(bytes, places, "1ms") else s:send(bytes) end
    s:finish()
    local all, how = s:receive_all("10s")
    w:expect("how many bytes came back", #all, #bytes)
    w:expect("the bytes are the same", all == bytes, true)
    w:expect("the end of the stream", how, "end")
    return s
end

local function noise(w, n)
    local parts = {}
    for i = 1, n // 64 do parts[i] = any.string { length = 64, alphabet = "0123456789abcdef\0\r\n\xff" } end
    return table.concat(parts)
end

return task {
    seeds = 2,
    part {
        name = "bytes", nodes = 1, network = { latency = "1ms" },
        run = function(w)
            local at
            w:step("it listens", function() at = listen(w) end)
            w:step("whatever is sent comes back, 2 ms later", function()
                local s = w:connect(at)
                local begun = w:now()
                s:send("hello\0world\n")
                w:expect("bytes", s:receive(12), "hello\0world\n")
                w:expect_near("time", w:now() - begun, 0.002, 0.0005)
                w:expect("nothing more", s:peek(), "")
            end)
            w:step("split at every byte", function()
                for place = 1, 11 do echoes(w, at, "hello world!", { place }) end
                echoes(w, at, "one byte at a time", 1)
            end)
            w:step("ten megabytes in one go", function() echoes(w, at, ("0123456789abcde\n"):rep(655360)) end)
            w:step("a reset ends its own connection and no other", function()
                local steady = w:connect(at)
                for _ = 1, 20 do
                    local s = w:connect(at)
                    s:send(("x"):rep(300000))
                    s:hold()
                    w:sleep("3ms")
                    s:reset()
                end
                w:sleep("20ms")
                steady:send("still here")
                w:expect("the other connection", steady:receive(10, "1s"), "still here")
            end)
            w:step("a thousand at once", function()
                local all = {}
                for i = 1, 1000 do all[i] = w:begin_connect(at, { from = "127.0.9." .. i % 250 + 1 }) end
                w:sleep("10ms")
                for i, s in ipairs(all) do s:send("number " .. i) end
                w:sleep("10ms")
                for i, s in ipairs(all) do w:expect("echo " .. i, s:peek(), "number " .. i) end
                for _, s in ipairs(all) do s:close() end
            end)
        end,
    },
    part {
        name = "silence", nodes = 1, network = { latency = "1ms" },
        run = function(w)
            local at
            w:step("it listens", function() at = listen(w) end)
            w:step("a client that does not read is not served from memory", function()
                local s = w:connect(at)
                s:hold()
                s:send(("x"):rep(32 << 20))
                w:sleep("100ms")
                w:expect_between("bytes that it has not taken", s:unsent(), 8 << 20, nil)
                s:go_on()
                s:finish()
                local all, how = s:receive_all("10s")
                w:expect("bytes", #all, 32 << 20)
                w:expect("the end", how, "end")
            end)
        end,
    },
    part {
        name = "outwards", nodes = 1, network = true,
        run = function(w)
            local at = w:address("n0")
            local asked = {}
            w:step("it calls a server of the scenario", function()
                local server = w:listen(at, function(s)
                    asked[#asked + 1] = s:receive_all()
                    w:sleep("50ms")
                    s:send("you said " .. asked[#asked])
                    s:finish()
                end)
                local begun = w:now()
                local reply = w:client():ask("n0", { type = "call", host = at.host, port = at.port, text = "ping" })
                w:expect("the answer", reply.answer, "you said ping")
                w:expect("connections", server.count, 1)
                w:expect_near("time", w:now() - begun, 0.05, 0.001)
                server:close()
                w:sleep("1ms")
                w:client():refused("n0", { type = "call", host = at.host, port = at.port, text = "ping" }, 11)
            end)
        end,
    },
    part {
        name = "restart", nodes = 1, network = true,
        run = function(w)
            w:step("the same port is had again after a kill", function()
                local at = w:address("n0")
                local c = w:client()
                c:ask("n0", { type = "listen", host = at.host, port = at.port })
                local s = w:connect(at)
                s:send("x")
                w:expect("an echo", s:receive(1), "x")
                w:kill("n0")
                w:expect("the connection", s:wait_end("1s"), "end")
                local none, why = w:connect(at)
                w:expect("nobody is there", none == nil and why, "refused")
                w:start("n0")
                c:ask("n0", { type = "listen", host = at.host, port = at.port })
                s = w:connect(at)
                s:send("y")
                w:expect("an echo", s:receive(1), "y")
            end)
        end,
    },
}
