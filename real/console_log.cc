#include "real/console_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <iterator>

namespace trialog::real {

namespace {

constexpr std::string_view names[] = {"debug", "info", "warn", "error"};
constexpr std::string_view labels[] = {"DEBUG", "INFO ", "WARN ", "ERROR"};

void append_time(fmt::memory_buffer& line) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  ::gmtime_r(&now.tv_sec, &utc);
  fmt::format_to(std::back_inserter(line), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                 utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                 utc.tm_sec, now.tv_nsec / 1'000'000);
}

void append_escaped(fmt::memory_buffer& line, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", byte);
    } else {
      line.push_back(c);
    }
  }
}

}  // namespace

void ConsoleLog::note(Level level, std::string_view kind, std::string_view detail) {
  if (!hears(level)) return;
  fmt::memory_buffer line;
  append_time(line);
  fmt::format_to(std::back_inserter(line), " {} {} ", labels[static_cast<int>(level)], kind);
  append_escaped(line, detail);
  line.push_back('\n');
  // One call a line, so that lines of several writers don't mix. Nobody can be told if it fails.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

std::optional<Level> level_named(std::string_view name) {
  for (int i = 0; i < 4; ++i) {
    if (names[i] == name) return static_cast<Level>(i);
  }
  return std::nullopt;
}

}  // namespace trialog::real
