#pragma once

#include <string_view>

namespace trialog {

/// Something that is to run in a turn of its own: a link in one list at a time, either of those who
/// wait for something or of those who are ready. Destroying it takes it out of any list, so what
/// has been cancelled never runs.
class Runnable {
 public:
  explicit Runnable(std::string_view name) : name_(name) {}
  Runnable(const Runnable&) = delete;
  Runnable& operator=(const Runnable&) = delete;
  virtual ~Runnable() { unlink(); }

  virtual void run() = 0;
  /// A literal; appears in traces.
  std::string_view name() const { return name_; }
  bool linked() const { return next_ != nullptr; }

 private:
  friend class RunnableList;
  void unlink();

  std::string_view name_;
  Runnable* next_ = nullptr;
  Runnable* previous_ = nullptr;
  class RunnableList* list_ = nullptr;
};

/// A list through the runnables themselves; owns nothing. Destroying it forgets them.
class RunnableList {
 public:
  RunnableList();
  RunnableList(const RunnableList&) = delete;
  RunnableList& operator=(const RunnableList&) = delete;
  ~RunnableList();

  /// Takes `runnable` out of the list it is in and appends it here.
  void push_back(Runnable& runnable);
  /// Null if empty. Takes it out.
  Runnable* pop_front();
  /// The one at `index`, taken out; `index` must be below `size()`.
  Runnable* take(std::size_t index);
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

 private:
  friend class Runnable;
  class Ends : public Runnable {
   public:
    Ends() : Runnable("") {}
    void run() override {}
  };
  Ends ends_;
  std::size_t size_ = 0;
};

/// Runs what is ready on one node, one at a time. Between two suspensions nothing else happens, and
/// so core/ has no lock. The order among those that are ready is not promised (the simulator draws
/// it); that each of them runs, and never from inside `wake`, is.
class Executor {
 public:
  virtual ~Executor() = default;
  /// Runs `runnable` in a later turn, unless it is destroyed before. Waking it twice before it ran
  /// runs it once.
  virtual void wake(Runnable& runnable) = 0;
};

}  // namespace trialog
