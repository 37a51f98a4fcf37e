#include "listen.h"

#include "../base/err.h"
#include "../base/test.h"

static void refused(const char *text, const char *why)
{
    struct listen_place place = {.fd = -1};
    struct err err = {.text = ""};

    CHECK_INT(listen_open(text, false, &place, &err), ERR_INPUT);
    CHECK_HAS(err.text, why);
    CHECK_INT(place.fd, -1);
}

TEST(only_this_machine_is_listened_to)
{
    refused("0.0.0.0:0", "this machine alone");
    refused("192.168.1.1:0", "this machine alone");
    refused("[::]:0", "this machine alone");
    refused("example.org:80", "this machine alone");
}

TEST(with_accounts_it_may_be_any_address)
{
    struct listen_place place;
    struct err err = {.text = ""};

    CHECK_INT(listen_open("0.0.0.0:0", true, &place, &err), 0);
    listen_close(&place);
    CHECK_INT(listen_open("example.org:0", true, &place, &err), ERR_INPUT);
    CHECK_HAS(err.text, "not an address");
}

TEST(an_address_has_a_port)
{
    refused("127.0.0.1", "ADDRESS:PORT");
    refused("127.0.0.1:", "ADDRESS:PORT");
    refused("127.0.0.1:65536", "ADDRESS:PORT");
    refused("127.0.0.1:-1", "ADDRESS:PORT");
    refused("[::1]", "ADDRESS:PORT");
    refused("::1:0", "ADDRESS:PORT");
    refused("", "ADDRESS:PORT");
}

TEST(port_0_is_the_kernels_choice_and_is_told)
{
    struct listen_place a, b;
    struct err err = {.text = ""};

    CHECK_INT(listen_open("127.0.0.1:0", false, &a, &err), 0);
    CHECK_INT(listen_open("localhost:0", false, &b, &err), 0);
    CHECK_HAS(a.url, "http://127.0.0.1:");
    CHECK(strstr(a.url, ":0/") == NULL);
    CHECK(strcmp(a.url, b.url) != 0);
    listen_close(&a);
    listen_close(&b);
}

TEST(a_port_that_is_taken_is_the_machines_refusal)
{
    struct listen_place a, b = {.fd = -1};
    struct err err = {.text = ""};
    char again[LISTEN_URL_MAX];

    CHECK_INT(listen_open("127.0.0.1:0", false, &a, &err), 0);
    memcpy(again, a.url + strlen("http://"), sizeof(again) - strlen("http://"));
    *strchr(again, '/') = '\0';
    CHECK_INT(listen_open(again, false, &b, &err), ERR_MACHINE);
    CHECK_HAS(err.text, "port 0");
    listen_close(&a);
}

TEST(hosts_that_name_this_machine)
{
    CHECK(listen_is_own_host("localhost"));
    CHECK(listen_is_own_host("LOCALHOST:8080"));
    CHECK(listen_is_own_host("127.0.0.1:1"));
    CHECK(listen_is_own_host("[::1]:8080"));
    CHECK(listen_is_own_host("[::1]"));
    CHECK(!listen_is_own_host(""));
    CHECK(!listen_is_own_host("evil.example"));
    CHECK(!listen_is_own_host("127.0.0.1.evil.example:80"));
    CHECK(!listen_is_own_host("localhost.evil.example"));
    CHECK(!listen_is_own_host("10.0.0.1"));
    CHECK(!listen_is_own_host("[]"));
    CHECK(!listen_is_own_host("["));
}
