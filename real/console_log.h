#pragma once

#include <optional>
#include <string_view>

#include "core/base/trace.h"

namespace trialog::real {

/// The log on stderr: a line a note, "2026-11-25T00:52:35.123Z INFO  log.recovered orders-0 ...".
/// Control characters in the detail, which may come from a client, are written as "\x1b".
class ConsoleLog : public Trace {
 public:
  explicit ConsoleLog(Level least) : least_(least) {}
  void note(Level level, std::string_view kind, std::string_view detail) override;
  bool hears(Level level) const override { return level >= least_; }

 private:
  Level least_;
};

/// "debug", "info", "warn" or "error".
std::optional<Level> level_named(std::string_view name);

}  // namespace trialog::real
