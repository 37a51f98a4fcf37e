%% Waits in the ways that Erlang programs wait, and says how long each took.
-module(wait).
-export([main/0]).

took(Name, Wait) ->
    {Us, _} = timer:tc(Wait),
    io:format("~s ~b ms~n", [Name, Us div 1000]).

main() ->
    Self = self(),
    took("receive after", fun() -> receive never -> ok after 25 -> ok end end),
    took("timer:sleep", fun() -> timer:sleep(35) end),
    took("send_after", fun() -> erlang:send_after(45, Self, x), receive x -> ok end end),
    took("spawned", fun() ->
        spawn(fun() -> timer:sleep(55), Self ! y end),
        receive y -> ok end
    end),
    took("hundred processes", fun() ->
        [spawn(fun() -> timer:sleep(I), Self ! {done, I} end) || I <- lists:seq(1, 100)],
        [receive {done, I} -> ok end || I <- lists:seq(1, 100)]
    end),
    took("os:cmd", fun() -> os:cmd("sleep 0.2") end),
    halt(0).
