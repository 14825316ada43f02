// Each test runs several processes: one test at a time leaves them the machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
