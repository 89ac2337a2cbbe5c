#pragma once

#include <string_view>

namespace trialog {

/// How much an operator wants to hear of it. `debug` is for traces only.
enum class Level { debug, info, warn, error };

/// Where a node says what happened. In the simulator every note is an event of the run and part of
/// its hash; for real, notes of `info` and above are the log on stderr. A note changes nothing:
/// whoever listens must not act on the node.
class Trace {
 public:
  virtual ~Trace() = default;
  /// `kind` is a literal such as "log.recovered"; `detail` is one line of text.
  virtual void note(Level level, std::string_view kind, std::string_view detail) = 0;
  /// Whether anybody would hear a note of this level. Ask before rendering a costly detail.
  virtual bool hears(Level level) const = 0;
};

}  // namespace trialog
