#pragma once

#include <string>
#include <utility>

#include "core/base/chain.h"

namespace trialog::broker {

/// What becomes of a request: a frame to send, nothing (acks=0), or the end of the connection
/// after the answers before it.
class Answer {
 public:
  Answer() = default;
  /// `frame` begins with its length.
  static Answer send(Chain frame) {
    Answer answer;
    answer.frame_ = std::move(frame);
    return answer;
  }
  static Answer nothing() { return Answer(); }
  static Answer close(std::string why) {
    Answer answer;
    answer.closes_ = true;
    answer.why_ = std::move(why);
    return answer;
  }

  bool closes() const { return closes_; }
  const std::string& why() const { return why_; }
  const Chain& frame() const { return frame_; }
  Chain take() { return std::exchange(frame_, Chain()); }

 private:
  Chain frame_;
  std::string why_;
  bool closes_ = false;
};

}  // namespace trialog::broker
