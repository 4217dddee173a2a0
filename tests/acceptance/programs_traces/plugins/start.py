from plugins.working import Worker

Worker().work()
