#pragma once

namespace trialog {

/// Prints the broken fact and its place on stderr and aborts.
[[noreturn]] void check_failed(const char* fact, const char* file, int line);

}  // namespace trialog

/// Stops the node when something that only a bug can break is broken. Always compiled in: a broken
/// node that stops is a crash, which replication survives; one that goes on is not.
#define CHECK(fact) ((fact) ? void() : ::trialog::check_failed(#fact, __FILE__, __LINE__))
