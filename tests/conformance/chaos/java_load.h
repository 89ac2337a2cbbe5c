#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "tests/conformance/chaos/load.h"

namespace trialog::chaos {

/// Kafka's own VerifiableProducer as a second load, on a topic of its own: the Java client with its
/// default idempotence and acks=all. Its values rise from 0.
class JavaLoad {
 public:
  /// `classpath`: Kafka's jars.
  JavaLoad(const std::string& classpath, const std::string& bootstrap, const std::string& topic,
           int per_second, std::string output);
  ~JavaLoad();

  /// Asks it to end, waits for its last answers, and reads what it said.
  void finish(int seconds);
  long failed() const { return failed_; }
  const std::map<Place, long>& acknowledged() const { return acknowledged_; }

 private:
  void read_line(const std::string& line);

  std::string output_;
  pid_t pid_ = -1;
  long failed_ = 0;
  std::map<Place, long> acknowledged_;
};

}  // namespace trialog::chaos
