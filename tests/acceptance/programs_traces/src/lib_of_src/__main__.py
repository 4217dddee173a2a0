from lib_of_src import work

work()
