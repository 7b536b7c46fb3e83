"""Runs the tests of modules and prints one line of JSON for each: its title, and what was wrong."""

import json
import sys
import traceback
import unittest


class Lines(unittest.TestResult):
    def startTest(self, test):
        super().startTest(test)
        self.wrong = None

    def addError(self, test, error):
        self.wrong = "".join(traceback.format_exception(*error))

    addFailure = addError

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.wrong = "".join(traceback.format_exception(*error))

    def stopTest(self, test):
        super().stopTest(test)
        title = " ".join((test._testMethodDoc or test.id()).split())
        print(json.dumps({"title": title, "wrong": self.wrong}), flush=True)


if __name__ == "__main__":
    _, folder, *modules = sys.argv
    sys.path.insert(0, folder)
    unittest.defaultTestLoader.loadTestsFromNames(modules).run(Lines())
